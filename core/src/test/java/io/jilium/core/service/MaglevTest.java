// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaglevTest {
  private static final int SIZE = 16381;
  private final Maglev maglev = new Maglev(SIZE, "JLfvgnHc2kaSUFaI");

  private static Maglev.Weighted backend(int number, int weight) {
    return new Maglev.Weighted(
        new PortAddress(IpAddress.v4(0x0af40000 + number), 8080, Protocol.TCP), weight);
  }

  private static List<Maglev.Weighted> backends(int count) {
    return IntStream.range(0, count).mapToObj(i -> backend(i, 1)).toList();
  }

  private static int[] counts(int[] table, int backends) {
    var counts = new int[backends];
    for (int position : table) {
      counts[position]++;
    }
    return counts;
  }

  @Test
  void everyBackendHasTheSameShare() {
    var counts = counts(maglev.table(backends(100)), 100);
    for (int count : counts) {
      assertThat(count).isBetween(163, 164);
    }
  }

  @Test
  void weightsAreShares() {
    var weighted = List.of(backend(0, 1), backend(1, 2), backend(2, 5), backend(3, 0));
    var counts = counts(maglev.table(weighted), 4);
    assertThat(counts[0]).isCloseTo(SIZE / 8, org.assertj.core.data.Offset.offset(2));
    assertThat(counts[1]).isCloseTo(SIZE / 4, org.assertj.core.data.Offset.offset(2));
    assertThat(counts[2]).isCloseTo(SIZE * 5 / 8, org.assertj.core.data.Offset.offset(2));
    assertThat(counts[3]).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50, 99, 150, 400})
  void aChangedWeightMovesLittleButWhatItGivesOrTakes(int weight) {
    var before = IntStream.range(0, 100).mapToObj(i -> backend(i, 100)).toList();
    var after = new ArrayList<>(before);
    after.set(42, backend(42, weight));
    var was = maglev.table(before);
    var is = maglev.table(after);
    long others =
        IntStream.range(0, SIZE)
            .filter(i -> was[i] != is[i] && was[i] != 42 && is[i] != 42)
            .count();
    assertThat((double) others / SIZE).isLessThan(0.02);
  }

  @Test
  void theOrderOfTheListDoesNotMatter() {
    var backends = backends(57);
    var shuffled = new ArrayList<>(backends);
    Collections.shuffle(shuffled, new Random(7));
    var one = maglev.table(backends);
    var other = maglev.table(shuffled);
    for (int i = 0; i < SIZE; i++) {
      assertThat(shuffled.get(other[i])).isEqualTo(backends.get(one[i]));
    }
  }

  @Test
  void goneBackendMovesLittleButItsOwnConnections() {
    var backends = backends(100);
    var before = maglev.table(backends);
    var fewer = new ArrayList<>(backends);
    fewer.remove(42);
    var after = maglev.table(fewer);
    int moved = 0;
    for (int i = 0; i < SIZE; i++) {
      boolean was = before[i] == 42;
      if (!was && !fewer.get(after[i]).equals(backends.get(before[i]))) {
        moved++;
      }
    }
    assertThat((double) moved / SIZE).isLessThan(0.02);
  }

  @Test
  void anotherSeedGivesAnotherTable() {
    assertThat(maglev.table(backends(10)))
        .isNotEqualTo(new Maglev(SIZE, "another").table(backends(10)));
  }

  @Test
  void moreBackendsThanEntriesFillTheTable() {
    var small = new Maglev(251, "seed");
    assertThat(small.table(backends(5000))).doesNotHaveDuplicates().hasSize(251);
  }

  @Test
  void refusesWhatIsNoTable() {
    assertThatThrownBy(() -> new Maglev(1000, "seed")).hasMessageContaining("1000");
    assertThatThrownBy(() -> maglev.table(List.of())).hasMessageContaining("needs a backend");
  }
}
