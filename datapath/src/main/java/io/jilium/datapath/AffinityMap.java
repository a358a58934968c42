// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** Which backend clients keep. */
public final class AffinityMap extends TypedMap<AffinityKey, AffinityEntry> {
  private static final MapLayout<AffinityKey> KEYS =
      MapLayout.of(AffinityKey.LAYOUT.byteSize(), AffinityKey::read, (to, key) -> key.write(to));
  private static final MapLayout<AffinityEntry> VALUES =
      MapLayout.of(
          AffinityEntry.LAYOUT.byteSize(), AffinityEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public AffinityMap(KernelMap map) {
    super(DatapathMap.AFFINITY, map, KEYS, VALUES);
  }
}
