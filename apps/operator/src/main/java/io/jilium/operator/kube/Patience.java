// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Since when something is so. Watches of several kinds are not in step: what looks orphaned may
 * only be new.
 */
final class Patience {
  private final Duration needed;
  private final LongSupplier nanos;
  private final Map<String, Long> since = new HashMap<>();

  /**
   * With nothing seen.
   *
   * @param nanos a clock, {@link System#nanoTime}
   */
  Patience(Duration needed, LongSupplier nanos) {
    this.needed = needed;
    this.nanos = nanos;
  }

  /** Of those that are so now: those that have been for long enough. */
  List<String> over(Set<String> now) {
    since.keySet().retainAll(now);
    long time = nanos.getAsLong();
    now.forEach(key -> since.putIfAbsent(key, time));
    return now.stream()
        .filter(key -> time - since.getOrDefault(key, time) >= needed.toNanos())
        .sorted()
        .toList();
  }
}
