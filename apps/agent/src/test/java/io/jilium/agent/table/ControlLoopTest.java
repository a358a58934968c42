// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
  private final ControlLoop control = ControlLoop.start();
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void close() {
    control.close();
  }

  @Test
  void manyChangesCostOneRun() throws Exception {
    var loop = control.register("count", Duration.ofHours(1), runs::incrementAndGet);
    var held = new CountDownLatch(1);
    var hold = new CountDownLatch(1);
    control.execute(() -> {
      held.countDown();
      await(hold);
    });
    // Only what is asked for while a task runs is one batch.
    held.await();
    for (int i = 0; i < 100; i++) {
      control.execute(loop::trigger);
    }
    hold.countDown();
    control.settled().get();
    assertThat(runs).hasValue(1);
  }

  @Test
  void aSettledTaskHasItsLoopsBehindItAndThoseThatTheyTriggered() throws Exception {
    var second = control.register("second", Duration.ofHours(1), runs::incrementAndGet);
    var first = control.register("first", Duration.ofHours(1), second::trigger);
    control
        .submitSettled(() -> {
          first.trigger();
          return 0;
        })
        .get();
    assertThat(runs).hasValue(1);
  }

  @Test
  void aFailingLoopIsTriedAgainAndSaysWhy() throws Exception {
    var loop =
        control.register(
            "fails twice",
            Duration.ofHours(1),
            () -> {
              if (runs.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
              }
            });
    control.execute(loop::trigger);
    control.settled().get();
    assertThat(loop.status().lastError()).isEqualTo("not yet");
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (!loop.status().healthy() && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertThat(runs).hasValue(3);
    assertThat(loop.status().lastError()).isEmpty();
  }

  @Test
  void aTaskThatThrowsDoesNotEndTheLoop() throws Exception {
    control.execute(() -> {
      throw new IllegalStateException("a bug");
    });
    assertThat(control.submit(() -> 7).get()).isEqualTo(7);
  }

  @Test
  void periodicLoopsRunWithoutBeingAsked() throws Exception {
    var twice = new CountDownLatch(2);
    control.register("often", Duration.ofMillis(20), twice::countDown);
    assertThat(twice.await(5, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
