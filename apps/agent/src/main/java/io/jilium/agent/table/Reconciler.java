// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Makes a target equal to the desired rows, by difference.
 *
 * <p>Dirty rows are compared with the mirror of what the target holds, so that a change costs what
 * changed; a full run reads the target back first. Removal waits until prune says that every source
 * is synced. Belongs to the control thread.
 */
public final class Reconciler<K, V> {
  /** The desired rows. */
  public interface Desired<K, V> {
    Map<K, V> rows();

    Optional<V> row(K key);
  }

  private final Desired<K, V> desired;
  private final Target<K, V> target;
  private final BooleanSupplier prune;
  private final Consumer<List<Change<K, V>>> applied;
  private final Map<K, V> mirror = new ConcurrentHashMap<>();
  private final Map<K, RowStatus.Failed> failures = new ConcurrentHashMap<>();
  private volatile Set<K> dirty = ConcurrentHashMap.newKeySet();
  private boolean full = true;

  /** applied is told what was done, once per run that did something. */
  public Reconciler(
      Desired<K, V> desired,
      Target<K, V> target,
      BooleanSupplier prune,
      Consumer<List<Change<K, V>>> applied) {
    this.desired = desired;
    this.target = target;
    this.prune = prune;
    this.applied = applied;
  }

  /** A reconciler whose rows are computed as a whole each time. */
  public static <K, V> Desired<K, V> computed(java.util.function.Supplier<Map<K, V>> rows) {
    return new Desired<>() {
      @Override
      public Map<K, V> rows() {
        return rows.get();
      }

      @Override
      public Optional<V> row(K key) {
        return Optional.ofNullable(rows.get().get(key));
      }
    };
  }

  public void markDirty(K key) {
    dirty.add(key);
  }

  /** The next run reads the target back. */
  public void markAllDirty() {
    full = true;
  }

  /** Applies what differs; throws after all rows were tried if one failed. */
  public void run() {
    var changes = full ? fullChanges() : dirtyChanges();
    // A set that was large once is slow to walk ever after.
    dirty = ConcurrentHashMap.newKeySet();
    full = false;
    var done = new ArrayList<Change<K, V>>(changes.size());
    for (var change : changes) {
      apply(change, done);
    }
    if (!done.isEmpty()) {
      applied.accept(done);
    }
    if (!failures.isEmpty()) {
      dirty.addAll(failures.keySet());
      var first = failures.values().iterator().next();
      throw new ReconcileException(failures.size(), first.message());
    }
  }

  /** Any thread. */
  public RowStatus status(K key) {
    var failure = failures.get(key);
    if (failure != null) {
      return failure;
    }
    return dirty.contains(key) || !mirror.containsKey(key)
        ? new RowStatus.Pending()
        : new RowStatus.Done();
  }

  /** What the target holds as far as known. */
  public Map<K, V> mirror() {
    return mirror;
  }

  private List<Change<K, V>> fullChanges() {
    mirror.clear();
    mirror.putAll(target.actual());
    var rows = desired.rows();
    failures.keySet().removeIf(key -> !rows.containsKey(key) && !mirror.containsKey(key));
    return Diff.between(rows, mirror, prune.getAsBoolean());
  }

  private List<Change<K, V>> dirtyChanges() {
    var changes = new ArrayList<Change<K, V>>();
    var removals = new ArrayList<Change<K, V>>();
    boolean mayRemove = prune.getAsBoolean();
    for (var key : dirty) {
      var change = Diff.of(key, desired.row(key), Optional.ofNullable(mirror.get(key)), mayRemove);
      if (change.isEmpty()) {
        failures.remove(key);
      } else if (change.get() instanceof Change.Remove<K, V>) {
        removals.add(change.get());
      } else {
        changes.add(change.get());
      }
    }
    changes.addAll(removals);
    return changes;
  }

  private void apply(Change<K, V> change, List<Change<K, V>> done) {
    try {
      target.apply(change);
    } catch (RuntimeException e) {
      int attempts = failures.containsKey(change.key()) ? failures.get(change.key()).attempts() : 0;
      var message = e.getMessage() == null ? e.toString() : e.getMessage();
      failures.put(change.key(), new RowStatus.Failed(attempts + 1, message));
      return;
    }
    failures.remove(change.key());
    switch (change) {
      case Change.Add<K, V> add -> mirror.put(add.key(), add.value());
      case Change.Update<K, V> update -> mirror.put(update.key(), update.value());
      case Change.Remove<K, V> remove -> mirror.remove(remove.key());
    }
    done.add(change);
  }
}
