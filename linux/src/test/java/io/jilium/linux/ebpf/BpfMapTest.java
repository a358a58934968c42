// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.FdLeakCheck;
import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class BpfMapTest {
  /** A key for a trie: prefix length in bits, then the bits, first byte first. */
  record PrefixKey(int bits, int address) {
    static final MapLayout<PrefixKey> LAYOUT =
        MapLayout.of(
            8,
            s ->
                new PrefixKey(
                    s.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
                    Integer.reverseBytes(s.get(ValueLayout.JAVA_INT_UNALIGNED, 4))),
            (s, k) -> {
              s.set(ValueLayout.JAVA_INT_UNALIGNED, 0, k.bits());
              s.set(ValueLayout.JAVA_INT_UNALIGNED, 4, Integer.reverseBytes(k.address()));
            });
  }

  private static BpfMap<Integer, Long> create(MapType type, int entries) {
    return BpfMap.of(
        KernelMap.create(MapSpec.of(type, "contract", 4, 8, entries)),
        MapLayout.U32,
        MapLayout.U64);
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"HASH", "LRU_HASH"})
  void missingAndPresentKeysAreResults(MapType type) {
    try (var map = create(type, 100)) {
      assertThat(map.lookup(1)).isEmpty();
      assertThat(map.delete(1)).isFalse();
      assertThat(map.replace(1, 10L)).isFalse();
      assertThat(map.insert(1, 10L)).isTrue();
      assertThat(map.insert(1, 11L)).isFalse();
      assertThat(map.replace(1, 12L)).isTrue();
      map.put(2, 20L);
      assertThat(map.lookup(1)).contains(12L);
      assertThat(map.lookupAndDelete(1)).contains(12L);
      assertThat(map.lookupAndDelete(1)).isEmpty();
      assertThat(map.entries()).isEqualTo(Map.of(2, 20L));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"HASH", "LRU_HASH"})
  void manyEntriesTravelInBatches(MapType type) {
    var entries = new HashMap<Integer, Long>();
    IntStream.range(0, 10_000).forEach(i -> entries.put(i, i * 3L));
    try (var map = create(type, 40_000)) {
      map.putAll(entries);
      assertThat(map.entries()).isEqualTo(entries);
      var doomed = IntStream.range(5_000, 15_000).boxed().toList();
      assertThat(map.deleteAll(doomed)).isEqualTo(5_000);
      assertThat(map.entries()).hasSize(5_000).doesNotContainKey(5_000);
    }
  }

  @Test
  void arrayHasAllItsKeysAndCannotLoseThem() {
    try (var map = create(MapType.ARRAY, 5_000)) {
      map.putAll(Map.of(0, 1L, 4_999, 2L));
      assertThat(map.lookup(4_999)).contains(2L);
      assertThat(map.entries()).hasSize(5_000).containsEntry(0, 1L).containsEntry(1, 0L);
      assertThatThrownBy(() -> map.put(5_000, 1L))
          .isInstanceOfSatisfying(LinuxException.class, e -> assertThat(e.is(Errno.E2BIG)).isTrue())
          .isNotInstanceOf(MapFullException.class)
          .hasMessageContaining("contract");
      assertThatThrownBy(() -> map.delete(0)).isInstanceOf(LinuxException.class);
    }
  }

  @Test
  void trieFindsTheLongestPrefixAndIsScannedWhole() {
    var spec = MapSpec.of(MapType.LPM_TRIE, "trie", 8, 8, 2_000);
    try (var map = BpfMap.of(KernelMap.create(spec), PrefixKey.LAYOUT, MapLayout.U64)) {
      var entries = new HashMap<PrefixKey, Long>();
      for (int i = 0; i < 1_000; i++) {
        entries.put(new PrefixKey(24, 0x0a000000 | i << 8), (long) i);
      }
      entries.put(new PrefixKey(0, 0), -1L);
      map.putAll(entries);
      assertThat(map.lookup(new PrefixKey(32, 0x0a000305))).contains(3L);
      assertThat(map.lookup(new PrefixKey(32, 0x0b000305))).contains(-1L);
      assertThat(map.entries()).isEqualTo(entries);
      assertThat(map.deleteAll(entries.keySet())).isEqualTo(1_001);
      assertThat(map.entries()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"PERCPU_HASH", "PERCPU_ARRAY", "LRU_PERCPU_HASH"})
  void perCpuMapHasAValueForEachCpu(MapType type) {
    var one = KernelMap.create(MapSpec.of(type, "percpu", 4, 12, 64));
    var twelve =
        MapLayout.<Long>of(
            12,
            s -> s.get(ValueLayout.JAVA_LONG_UNALIGNED, 4),
            (s, v) -> s.set(ValueLayout.JAVA_LONG_UNALIGNED, 4, v));
    try (var map = BpfMap.of(one, MapLayout.U32, MapLayout.perCpu(twelve))) {
      var values = IntStream.range(0, PossibleCpus.count()).mapToObj(i -> i + 7L).toList();
      map.putAll(Map.of(3, values, 4, values));
      assertThat(map.lookup(3)).contains(values);
      assertThat(map.entries()).containsEntry(4, values);
      assertThatThrownBy(() -> map.put(1, List.of())).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void fullMapSaysItsNameAndCapacity() {
    try (var map = create(MapType.HASH, 3)) {
      map.putAll(Map.of(1, 1L, 2, 2L, 3, 3L));
      map.put(1, 9L);
      assertThatThrownBy(() -> map.put(4, 4L))
          .isInstanceOfSatisfying(
              MapFullException.class,
              e -> {
                assertThat(e.map()).isEqualTo("contract");
                assertThat(e.capacity()).isEqualTo(3);
              })
          .hasMessageContaining("add to map contract")
          .hasMessageContaining("3 entries");
      assertThatThrownBy(() -> map.putAll(Map.of(5, 5L))).isInstanceOf(MapFullException.class);
      assertThat(map.entries()).hasSize(3);
    }
  }

  @Test
  void scanSurvivesThatItsKeysVanish() {
    var spec = MapSpec.of(MapType.LPM_TRIE, "trie", 8, 8, 2_000);
    try (var trie = BpfMap.of(KernelMap.create(spec), PrefixKey.LAYOUT, MapLayout.U64);
        var hash = create(MapType.HASH, 2_000)) {
      for (int i = 0; i < 500; i++) {
        trie.put(new PrefixKey(32, i), (long) i);
        hash.put(i, (long) i);
      }
      var seen = new HashSet<Integer>();
      trie.forEach((key, value) -> {
        assertThat(seen.add(key.address())).isTrue();
        trie.delete(key);
      });
      assertThat(seen).hasSize(500);
      assertThat(trie.entries()).isEmpty();
      var hashed = new HashSet<Integer>();
      hash.forEach((key, value) -> {
        assertThat(hashed.add(key)).isTrue();
        hash.delete(key);
      });
      assertThat(hashed).hasSize(500);
    }
  }

  @Test
  void arrayCanBeReadAndWrittenInPlace() {
    var spec = MapSpec.of(MapType.ARRAY, "mapped", 4, 8, 16).withFlags(MapSpec.BPF_F_MMAPABLE);
    try (var map = BpfMap.of(KernelMap.create(spec), MapLayout.U32, MapLayout.U64);
        var memory = map.kernelMap().mmap(true)) {
      map.put(3, 33L);
      assertThat(memory.segment().getAtIndex(ValueLayout.JAVA_LONG, 3)).isEqualTo(33);
      memory.segment().setAtIndex(ValueLayout.JAVA_LONG, 4, 44);
      assertThat(map.lookup(4)).contains(44L);
    }
  }

  @Test
  void frozenMapRefusesUserSpace() {
    try (var map = create(MapType.ARRAY, 1)) {
      map.kernelMap().freeze();
      assertThatThrownBy(() -> map.put(0, 1L))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.EPERM)).isTrue());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"HASH_OF_MAPS", "ARRAY_OF_MAPS"})
  void mapOfMapsSwapsItsInnerMaps(MapType type) {
    try (var first = create(MapType.HASH, 10);
        var second = create(MapType.HASH, 10);
        var outer =
            MapOfMaps.of(
                KernelMap.create(MapSpec.ofMaps(type, "outer", 4, 10, first.kernelMap())),
                MapLayout.U32)) {
      outer.put(1, first.kernelMap());
      assertThat(outer.lookupId(1)).contains(first.info().id());
      outer.put(1, second.kernelMap());
      second.put(5, 55L);
      try (var inner = BpfMap.of(outer.lookup(1).orElseThrow(), MapLayout.U32, MapLayout.U64)) {
        assertThat(inner.entries()).isEqualTo(Collections.singletonMap(5, 55L));
      }
      assertThat(outer.delete(1)).isTrue();
      assertThat(outer.lookup(1)).isEmpty();
    }
  }

  @Test
  void layoutOfAnotherSizeIsRefused() {
    try (var map = KernelMap.create(MapSpec.of(MapType.HASH, "sizes", 4, 4, 1))) {
      assertThatThrownBy(() -> BpfMap.of(map, MapLayout.U32, MapLayout.U64))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("map sizes has keys of 4 and values of 4 bytes");
    }
  }
}
