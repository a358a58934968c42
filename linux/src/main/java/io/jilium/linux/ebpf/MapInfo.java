// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/** {@code struct bpf_map_info} of linux/bpf.h: what the kernel says about a map. */
public record MapInfo(
    int id, MapType type, String name, int keySize, int valueSize, int maxEntries, int flags) {
  static final long BYTES = 88;

  static MapInfo readFrom(MemorySegment info) {
    return new MapInfo(
        info.get(JAVA_INT, 4),
        MapType.of(info.get(JAVA_INT, 0)),
        info.getString(24),
        info.get(JAVA_INT, 8),
        info.get(JAVA_INT, 12),
        info.get(JAVA_INT, 16),
        info.get(JAVA_INT, 20));
  }

  /** Bytes of a value as bpf(2) copies it: per-CPU maps hold one for each possible CPU. */
  long transferSize() {
    return type.isPerCpu() ? PossibleCpus.count() * perCpuStride(valueSize) : valueSize;
  }

  static long perCpuStride(long valueSize) {
    return (valueSize + 7) & ~7L;
  }
}
