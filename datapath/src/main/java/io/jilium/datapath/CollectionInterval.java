// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.time.Duration;

/**
 * When conntrack is collected next; pure. As Cilium does: a run that deleted little makes the
 * interval longer, one that deleted much makes it shorter.
 */
public final class CollectionInterval {
  /** After the start. */
  public static final Duration FIRST = Duration.ofMinutes(5);

  private static final Duration MIN = Duration.ofSeconds(10);
  private static final Duration MAX = Duration.ofHours(12);
  private static final double FEW = 0.05;
  private static final double MANY = 0.25;
  private static final double GROWTH = 1.5;

  private CollectionInterval() {}

  /** The interval after a run that deleted this part of the entries it saw. */
  public static Duration next(Duration last, double deletedRatio) {
    if (deletedRatio > MANY) {
      return max(MIN, scaled(last, 1 - Math.min(1, deletedRatio)));
    }
    return deletedRatio < FEW ? min(MAX, scaled(last, GROWTH)) : last;
  }

  private static Duration scaled(Duration duration, double factor) {
    return Duration.ofMillis(Math.round(duration.toMillis() * factor));
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
