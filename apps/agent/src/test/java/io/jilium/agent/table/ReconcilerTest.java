// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ReconcilerTest {
  /** A kernel of one map that refuses some keys and counts how often it is read. */
  private static final class FakeTarget implements Target<String, Integer> {
    private final Map<String, Integer> rows = new HashMap<>();
    private final List<String> refused = new ArrayList<>();
    private int reads;

    @Override
    public Map<String, Integer> actual() {
      reads++;
      return Map.copyOf(rows);
    }

    @Override
    public void apply(Change<String, Integer> change) {
      if (refused.contains(change.key())) {
        throw new IllegalStateException("put " + change.key() + ": ENOSPC");
      }
      switch (change) {
        case Change.Add<String, Integer> add -> rows.put(add.key(), add.value());
        case Change.Update<String, Integer> update -> rows.put(update.key(), update.value());
        case Change.Remove<String, Integer> remove -> rows.remove(remove.key());
      }
    }
  }

  private final Map<String, Integer> desired = new HashMap<>();
  private final FakeTarget target = new FakeTarget();
  private final AtomicBoolean synced = new AtomicBoolean();
  private final List<Change<String, Integer>> applied = new ArrayList<>();
  private final Reconciler<String, Integer> reconciler =
      new Reconciler<>(Reconciler.computed(() -> desired), target, synced::get, applied::addAll);

  @Test
  void keepsWhatItFindsUntilTheSourceIsSynced() {
    target.rows.put("old", 1);
    desired.put("new", 2);
    reconciler.run();
    assertThat(target.rows).containsOnlyKeys("old", "new");
    synced.set(true);
    reconciler.markAllDirty();
    reconciler.run();
    assertThat(target.rows).containsOnlyKeys("new");
  }

  @Test
  void readsTheTargetOnceAndThenOnlyLooksAtDirtyRows() {
    reconciler.run();
    desired.put("a", 1);
    reconciler.markDirty("a");
    reconciler.run();
    assertThat(target.rows).containsEntry("a", 1);
    assertThat(target.reads).isEqualTo(1);
    assertThat(reconciler.status("a")).isEqualTo(new RowStatus.Done());
  }

  @Test
  void repairsWhatSomebodyChangedBehindItsBack() {
    desired.put("a", 1);
    reconciler.run();
    target.rows.put("a", 7);
    reconciler.markAllDirty();
    reconciler.run();
    assertThat(target.rows).containsEntry("a", 1);
  }

  @Test
  void doesNothingTheSecondTime() {
    desired.put("a", 1);
    reconciler.run();
    applied.clear();
    reconciler.markAllDirty();
    reconciler.run();
    assertThat(applied).isEmpty();
  }

  @Test
  void triesAllRowsAndTellsTheFirstFailureAndTriesThatAgain() {
    desired.putAll(Map.of("a", 1, "full", 2));
    target.refused.add("full");
    assertThatThrownBy(reconciler::run)
        .isInstanceOf(ReconcileException.class)
        .hasMessage("put full: ENOSPC");
    assertThat(target.rows).containsOnlyKeys("a");
    assertThat(reconciler.status("full")).isEqualTo(new RowStatus.Failed(1, "put full: ENOSPC"));
    target.refused.clear();
    reconciler.run();
    assertThat(target.rows).containsOnlyKeys("a", "full");
    assertThat(reconciler.status("full")).isEqualTo(new RowStatus.Done());
  }
}
