// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;
import java.lang.foreign.ValueLayout;

/** Tables of consistent choice by the first slot of their set: positions in the set. */
public final class MaglevMap extends TypedMap<Integer, int[]> {
  private static final ValueLayout.OfShort POSITION = ValueLayout.JAVA_SHORT_UNALIGNED;

  /** Takes ownership of the map. */
  public MaglevMap(KernelMap map) {
    super(DatapathMap.MAGLEV, map, MapLayout.U32, tables(map.info().valueSize()));
  }

  private static MapLayout<int[]> tables(int bytes) {
    int size = (int) (bytes / POSITION.byteSize());
    return MapLayout.of(
        bytes,
        from -> {
          var table = new int[size];
          for (int i = 0; i < size; i++) {
            table[i] = from.getAtIndex(POSITION, i) & 0xffff;
          }
          return table;
        },
        (to, table) -> {
          if (table.length != size) {
            throw new IllegalArgumentException(
                "a Maglev table of " + table.length + " entries, the map has " + size);
          }
          for (int i = 0; i < size; i++) {
            to.setAtIndex(POSITION, i, (short) table[i]);
          }
        });
  }
}
