// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.BpfMap;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapFullException;
import io.jilium.linux.ebpf.MapLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies entries between two maps of one form and different capacity. */
final class MapCopy {
  private MapCopy() {}

  /** Copies what the other map does not have; returns how many entries that were. */
  static int missing(DatapathMap name, KernelMap from, KernelMap to) {
    return switch (name) {
      case FLOWS,
          ENDPOINTS,
          IPCACHE,
          DEVICES,
          FRAGMENTS,
          FRONTENDS,
          MAGLEV,
          MEMBERS,
          AFFINITY,
          SOURCE_RANGES,
          NODE_ADDRESSES,
          SOCKET_FLOWS -> {
        var value = bytes(from.info().valueSize());
        yield copy(name, from, to, value);
      }
      case METRICS -> copy(name, from, to, MapLayout.perCpu(bytes(from.info().valueSize())));
      case RUNTIME, SERVICE_CHANGES, COUNTERS, EVENTS, BACKENDS, BACKEND_SLOTS, SOCKET_PEERS -> 0;
    };
  }

  /**
   * Copies what is shared through mapped memory, as far as there is room, when a map takes over:
   * the epoch must not go back while programs run, and copied frontends name slots and backends.
   */
  static void memory(DatapathMap name, KernelMap from, KernelMap to) {
    switch (name) {
      case RUNTIME, SERVICE_CHANGES, BACKENDS, BACKEND_SLOTS -> {
        try (var source = from.mmap(false);
            var target = to.mmap(true)) {
          long bytes = Math.min(source.segment().byteSize(), target.segment().byteSize());
          target.segment().asSlice(0, bytes).copyFrom(source.segment().asSlice(0, bytes));
        }
      }
      default -> {}
    }
  }

  private static <V> int copy(DatapathMap name, KernelMap from, KernelMap to, MapLayout<V> values) {
    var keys = bytes(from.info().keySize());
    var copied = new int[1];
    try (var source = BpfMap.of(KernelMap.ofId(from.info().id()), keys, values);
        var target = BpfMap.of(KernelMap.ofId(to.info().id()), keys, values)) {
      source.forEach((key, value) -> {
        if (target.insert(key, value)) {
          copied[0]++;
        }
      });
    } catch (MapFullException e) {
      throw new MapFull(name, e);
    }
    return copied[0];
  }

  private static MapLayout<byte[]> bytes(int size) {
    return MapLayout.of(
        size,
        from -> from.toArray(ValueLayout.JAVA_BYTE),
        (to, value) -> to.copyFrom(MemorySegment.ofArray(value)));
  }
}
