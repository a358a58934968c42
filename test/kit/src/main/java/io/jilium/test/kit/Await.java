// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits until something holds, and says what did not. */
public final class Await {
  private static final Duration PAUSE = Duration.ofMillis(5);

  /** After a look that took long, as a command does: what is waited for needs the machine, too. */
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(300);

  private Await() {}

  /** Returns when the condition holds; fails with the description after the limit. */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    until(what, limit, condition, () -> "");
  }

  /** As above; detail is asked for when the limit has passed. */
  public static void until(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> detail) {
    if (!holds(limit, PAUSE, condition)) {
      throw new AssertionError(
          "after " + limit.toMillis() + " ms still not: " + what + " " + detail.get());
    }
  }

  /**
   * Whether the condition held within the limit.
   *
   * @param pause the least one between two looks; a pause is twice as long as the look before it,
   *     if that is longer, up to {@link #LONGEST_PAUSE}
   */
  public static boolean holds(Duration limit, Duration pause, BooleanSupplier condition) {
    long began = System.nanoTime();
    long look = began;
    while (!condition.getAsBoolean()) {
      long now = System.nanoTime();
      if (now - began > limit.toNanos()) {
        return false;
      }
      try {
        long longer = Math.min(2 * (now - look), LONGEST_PAUSE.toNanos());
        TimeUnit.NANOSECONDS.sleep(Math.max(pause.toNanos(), longer));
        look = System.nanoTime();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting", e);
      }
    }
    return true;
  }
}
