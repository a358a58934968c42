// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** Ranges of sources of services; the value is 1. */
public final class SourceRangeMap extends TypedMap<RangeKey, Integer> {
  private static final MapLayout<RangeKey> KEYS =
      MapLayout.of(RangeKey.LAYOUT.byteSize(), RangeKey::read, (to, key) -> key.write(to));

  /** Takes ownership of the map. */
  public SourceRangeMap(KernelMap map) {
    super(DatapathMap.SOURCE_RANGES, map, KEYS, MapLayout.U32);
  }
}
