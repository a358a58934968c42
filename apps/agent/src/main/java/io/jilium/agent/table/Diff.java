// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pure difference between desired and actual rows: additions, then updates, then removals, each
 * in the order of the maps.
 */
public final class Diff {
  private Diff() {}

  /**
   * What makes actual equal to desired; without removals when prune is false, which is so until
   * every source is synced.
   */
  public static <K, V> List<Change<K, V>> between(
      Map<K, V> desired, Map<K, V> actual, boolean prune) {
    var changes = new ArrayList<Change<K, V>>();
    var updates = new ArrayList<Change<K, V>>();
    desired.forEach((key, value) -> {
      var before = actual.get(key);
      if (before == null) {
        changes.add(new Change.Add<>(key, value));
      } else if (!before.equals(value)) {
        updates.add(new Change.Update<>(key, before, value));
      }
    });
    changes.addAll(updates);
    if (prune) {
      actual.forEach((key, before) -> {
        if (!desired.containsKey(key)) {
          changes.add(new Change.Remove<>(key, before));
        }
      });
    }
    return changes;
  }

  /** The change of one row, if any. */
  public static <K, V> Optional<Change<K, V>> of(
      K key, Optional<V> desired, Optional<V> actual, boolean prune) {
    if (desired.isPresent()) {
      if (actual.isEmpty()) {
        return Optional.of(new Change.Add<>(key, desired.get()));
      }
      return actual.get().equals(desired.get())
          ? Optional.empty()
          : Optional.of(new Change.Update<>(key, actual.get(), desired.get()));
    }
    return prune ? actual.map(before -> new Change.Remove<>(key, before)) : Optional.empty();
  }
}
