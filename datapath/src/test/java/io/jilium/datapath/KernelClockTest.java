// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kit.FdLeakCheck;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("kernel")
class KernelClockTest {
  @RegisterExtension final FdLeakCheck leaks = new FdLeakCheck();

  @Test
  void ticksAsFastAsItSays() throws InterruptedException {
    try (var clock = KernelClock.open()) {
      var before = clock.jiffies();
      long from = clock.monotonicNanos();
      Thread.sleep(300);
      var after = clock.jiffies();
      long nanos = clock.monotonicNanos() - from;
      double measured = (after.low() - before.low()) * 1e9 / nanos;
      assertThat(measured).isBetween(clock.hz() * 0.9, clock.hz() * 1.1);
      assertThat(Duration.between(clock.epoch().plusNanos(clock.monotonicNanos()), Instant.now()))
          .isLessThan(Duration.ofSeconds(1));
    }
  }
}
