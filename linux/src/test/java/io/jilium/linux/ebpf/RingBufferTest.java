// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.FdLeakCheck;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class RingBufferTest {
  private static final TestRun ONCE = TestRun.of(new byte[64]);

  @Test
  void samplesArriveInOrderAndDiscardedOnesDoNot() {
    try (var loaded = TestPrograms.open("ring").load();
        var ring = RingBuffer.open(loaded.map("ring"))) {
      var program = loaded.program("send_sample");
      var numbers = new ArrayList<Long>();
      RingBuffer.Consumer consumer =
          (memory, offset, length) -> {
            long number = memory.get(ValueLayout.JAVA_LONG, offset);
            assertThat(memory.get(ValueLayout.JAVA_LONG, offset + 8)).isEqualTo(~number);
            assertThat(length).isEqualTo((number & 1) == 1 ? 21 : 16);
            numbers.add(number);
          };
      // Enough to go round the ring of 64 KiB many times, so that samples cross its end.
      for (int i = 0; i < 40; i++) {
        program.testRun(ONCE.repeated(300));
        ring.consume(consumer);
      }
      assertThat(numbers).hasSize(8_000).isSorted().doesNotContain(2L, 5L).contains(0L, 1L, 3L);
      assertThat(ring.backlog()).isZero();
      assertThat(ring.capacity()).isEqualTo(65_536);
    }
  }

  @Test
  void fullRingLosesNewSamplesAndGoesOnAfterwards() {
    try (var loaded = TestPrograms.open("ring").load();
        var ring = RingBuffer.open(loaded.map("ring"))) {
      var program = loaded.program("send_sample");
      program.testRun(ONCE.repeated(5_000));
      long kept = ring.consume((memory, offset, length) -> {});
      assertThat(kept).isBetween(1_000L, 3_000L);
      var numbers = new ArrayList<Long>();
      program.testRun(ONCE.repeated(30));
      ring.consume((memory, offset, _) -> numbers.add(memory.get(ValueLayout.JAVA_LONG, offset)));
      assertThat(numbers).hasSize(20).contains(5_001L);
    }
  }

  @Test
  void waitingReaderIsWokenBySamplesAndByWake() throws InterruptedException {
    try (var loaded = TestPrograms.open("ring").load();
        var ring = RingBuffer.open(loaded.map("ring"))) {
      assertThat(ring.poll(Duration.ofMillis(1), (m, o, l) -> {})).isZero();
      var received = new AtomicLong();
      var done = new CountDownLatch(1);
      var reader =
          Thread.ofPlatform()
              .start(() -> {
                while (received.get() < 20_000) {
                  received.addAndGet(ring.poll(Duration.ofSeconds(20), (m, o, l) -> {}));
                }
                done.countDown();
                ring.poll(Duration.ofSeconds(20), (m, o, l) -> {});
              });
      var program = loaded.program("send_sample");
      // One by one: each wake-up must be seen, or the reader sleeps until its time-out.
      for (int i = 0; i < 30_000; i++) {
        program.testRun(ONCE);
      }
      assertThat(done.await(15, TimeUnit.SECONDS)).as("received %s", received).isTrue();
      ring.wake();
      assertThat(reader.join(Duration.ofSeconds(15))).isTrue();
    }
  }

  @Test
  void sampleThatItsConsumerChokesOnIsNotGivenAgain() {
    try (var loaded = TestPrograms.open("ring").load();
        var ring = RingBuffer.open(loaded.map("ring"))) {
      loaded.program("send_sample").testRun(ONCE.repeated(2));
      try {
        ring.consume((memory, offset, length) -> {
          throw new IllegalStateException("choked");
        });
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("choked");
      }
      assertThat(ring.consume((memory, offset, length) -> {})).isEqualTo(1);
    }
  }
}
