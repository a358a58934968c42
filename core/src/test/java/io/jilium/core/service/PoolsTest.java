// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoolsTest {
  @Test
  void aNumberGivenBackIsTheLastToBeGivenAgain() {
    var pool = new IdPool(3);
    assertThat(pool.take()).hasValue(1);
    assertThat(pool.take()).hasValue(2);
    pool.release(1);
    assertThat(pool.take()).hasValue(3);
    assertThat(pool.take()).hasValue(1);
    assertThat(pool.take()).isEmpty();
  }

  @Test
  void numbersInUseAreTakenOnce() {
    var pool = new IdPool(10);
    assertThat(pool.take(7)).isTrue();
    assertThat(pool.take(7)).isFalse();
    assertThat(pool.take(0)).isFalse();
    assertThat(pool.take(11)).isFalse();
    assertThat(pool.size()).isEqualTo(1);
  }

  @Test
  void rangesNeverOverlapAndComeBackWhole() {
    var random = new Random(3);
    var ranges = new SlotRanges(4096);
    var taken = new ArrayList<int[]>();
    var slots = new BitSet();
    for (int i = 0; i < 20_000; i++) {
      if (taken.isEmpty() || (random.nextInt(3) > 0 && ranges.used() < 3000)) {
        int length = 1 + random.nextInt(20);
        int start = ranges.allocate(length).orElseThrow();
        assertThat(slots.get(start, start + length).isEmpty()).isTrue();
        assertThat(start).isPositive();
        slots.set(start, start + length);
        taken.add(new int[] {start, length});
      } else {
        var range = taken.remove(random.nextInt(taken.size()));
        slots.clear(range[0], range[0] + range[1]);
        ranges.release(range[0], range[1]);
      }
      assertThat(ranges.used()).isEqualTo(slots.cardinality());
    }
    taken.forEach(range -> ranges.release(range[0], range[1]));
    assertThat(ranges.allocate(4095)).hasValue(1);
    assertThat(ranges.allocate(1)).isEmpty();
  }

  @Test
  void aRangeGivenBackIsNotWrittenAgainSoon() {
    var ranges = new SlotRanges(1000);
    int first = ranges.allocate(10).orElseThrow();
    ranges.release(first, 10);
    assertThat(ranges.allocate(10)).hasValue(11);
  }

  @Test
  void rangesThatAreInUseAlreadyAreTaken() {
    var ranges = new SlotRanges(100);
    assertThat(ranges.take(10, 20)).isTrue();
    assertThat(ranges.take(29, 2)).isFalse();
    assertThat(ranges.take(90, 20)).isFalse();
    assertThat(ranges.take(0, 1)).isFalse();
    assertThat(ranges.used()).isEqualTo(20);
  }

  @Test
  void poolsGrowWhileMuchOfThemIsTaken() {
    var pool = new IdPool(2);
    pool.take();
    pool.take();
    pool.grow(3);
    assertThat(pool.take()).hasValue(3);
    var ranges = new SlotRanges(16);
    assertThat(ranges.allocate(10)).hasValue(1);
    assertThat(ranges.allocate(8)).isEmpty();
    ranges.grow(20);
    assertThat(ranges.capacity()).isEqualTo(20);
    assertThat(ranges.used()).isEqualTo(10);
    assertThat(ranges.allocate(9)).as("free before and behind the old end").hasValue(11);
    ranges.grow(24);
    assertThat(ranges.allocate(4)).as("nothing was free before the old end").hasValue(20);
    assertThat(ranges.allocate(1)).isEmpty();
  }
}
