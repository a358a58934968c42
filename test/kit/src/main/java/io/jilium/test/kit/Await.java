// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits until something holds, and says what did not. */
public final class Await {
  private static final Duration PAUSE = Duration.ofMillis(5);

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

  /** Whether the condition held within the limit; it is asked with a pause in between. */
  public static boolean holds(Duration limit, Duration pause, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting", e);
      }
    }
    return true;
  }
}
