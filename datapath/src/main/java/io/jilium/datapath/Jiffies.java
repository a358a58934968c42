// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.time.Duration;

/**
 * A moment on the kernel's tick counter, of which flow entries keep the low 32 bits.
 *
 * @param low the low 32 bits now
 * @param hz ticks a second
 */
public record Jiffies(int low, int hz) {
  private static final long NANOS = 1_000_000_000L;

  public Jiffies {
    if (hz < 1 || hz > 10_000) {
      throw new IllegalArgumentException(hz + " ticks a second");
    }
  }

  /**
   * The time since a stamp. It is right for stamps of the last 2^31 ticks (24 days at 1000 Hz); a
   * stamp made after this moment was read counts as zero.
   */
  public Duration since(int stamp) {
    int ticks = low - stamp;
    return ticks <= 0 ? Duration.ZERO : Duration.ofNanos(ticks * (NANOS / hz));
  }

  /** How many ticks a duration has, at least one. */
  public static int ticks(Duration duration, int hz) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, duration.toMillis() * hz / 1000));
  }
}
