// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DiffTest {
  private static final Map<String, Integer> DESIRED =
      new TreeMap<>(Map.of("new", 1, "other", 2, "same", 3));
  private static final Map<String, Integer> ACTUAL =
      new TreeMap<>(Map.of("other", 9, "same", 3, "stale", 4));

  @Test
  void addsBeforeItUpdatesAndUpdatesBeforeItRemoves() {
    assertThat(Diff.between(DESIRED, ACTUAL, true))
        .containsExactly(
            new Change.Add<>("new", 1),
            new Change.Update<>("other", 9, 2),
            new Change.Remove<>("stale", 4));
  }

  @Test
  void removesNothingBeforeTheSourceIsSynced() {
    assertThat(Diff.between(DESIRED, ACTUAL, false))
        .containsExactly(new Change.Add<>("new", 1), new Change.Update<>("other", 9, 2));
  }

  @Test
  void findsNothingToDoWhenAllIsThere() {
    assertThat(Diff.between(DESIRED, DESIRED, true)).isEmpty();
    assertThat(Diff.of("same", Optional.of(3), Optional.of(3), true)).isEmpty();
    assertThat(Diff.of("gone", Optional.empty(), Optional.empty(), true)).isEmpty();
  }

  @Test
  void comparesOneRow() {
    assertThat(Diff.of("a", Optional.of(1), Optional.<Integer>empty(), true))
        .contains(new Change.Add<>("a", 1));
    assertThat(Diff.of("a", Optional.of(1), Optional.of(2), true))
        .contains(new Change.Update<>("a", 2, 1));
    assertThat(Diff.of("a", Optional.<Integer>empty(), Optional.of(2), true))
        .contains(new Change.Remove<>("a", 2));
    assertThat(Diff.of("a", Optional.<Integer>empty(), Optional.of(2), false)).isEmpty();
  }
}
