// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Rows of desired state. The control thread changes them; snapshots are for everybody. */
public final class Table<K, V> {
  private final String name;
  private final Map<K, V> rows = new LinkedHashMap<>();
  private final List<Consumer<Change<K, V>>> listeners = new ArrayList<>();
  private Optional<Map<K, V>> snapshot = Optional.of(Map.of());

  public Table(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }

  /** Is called on the control thread after each change. */
  public void onChange(Consumer<Change<K, V>> listener) {
    listeners.add(listener);
  }

  /** Whether the row is new or differs from what was there. Control thread. */
  public boolean put(K key, V value) {
    Optional<V> before;
    synchronized (this) {
      before = Optional.ofNullable(rows.get(key));
      if (before.isPresent() && before.get().equals(value)) {
        return false;
      }
      rows.put(key, value);
      snapshot = Optional.empty();
    }
    if (before.isPresent()) {
      tell(new Change.Update<>(key, before.get(), value));
    } else {
      tell(new Change.Add<>(key, value));
    }
    return true;
  }

  /** The row that was there. Control thread. */
  public Optional<V> remove(K key) {
    Optional<V> before;
    synchronized (this) {
      before = Optional.ofNullable(rows.remove(key));
      if (before.isEmpty()) {
        return before;
      }
      snapshot = Optional.empty();
    }
    tell(new Change.Remove<>(key, before.get()));
    return before;
  }

  public synchronized Optional<V> get(K key) {
    return Optional.ofNullable(rows.get(key));
  }

  public synchronized int size() {
    return rows.size();
  }

  /** All rows in the order of their first appearance; any thread; made once per change at most. */
  public synchronized Map<K, V> snapshot() {
    if (snapshot.isEmpty()) {
      snapshot = Optional.of(java.util.Collections.unmodifiableMap(new LinkedHashMap<>(rows)));
    }
    return snapshot.get();
  }

  private void tell(Change<K, V> change) {
    listeners.forEach(listener -> listener.accept(change));
  }
}
