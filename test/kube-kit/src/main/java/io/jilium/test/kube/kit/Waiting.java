// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import io.jilium.test.kit.Await;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits until something holds. */
public final class Waiting {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Waiting() {}

  /** Returns when the condition holds; fails with what was waited for after the limit. */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    until(what, limit, condition, () -> "");
  }

  /** As above; the detail is asked for when the limit has passed. */
  public static void until(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> detail) {
    if (!holds(limit, condition)) {
      throw new KubeException(
          "waited %d s for %s %s".formatted(limit.toSeconds(), what, detail.get()).strip());
    }
  }

  /** Whether the condition held within the limit. */
  public static boolean holds(Duration limit, BooleanSupplier condition) {
    return Await.holds(limit, PAUSE, condition);
  }

  public static void pause(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubeException("interrupted", e);
    }
  }
}
