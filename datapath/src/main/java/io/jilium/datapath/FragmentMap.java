// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** The ports of datagrams that come in fragments. */
public final class FragmentMap extends TypedMap<FragmentKey, FragmentEntry> {
  private static final MapLayout<FragmentKey> KEYS =
      MapLayout.of(FragmentKey.LAYOUT.byteSize(), FragmentKey::read, (to, key) -> key.write(to));
  private static final MapLayout<FragmentEntry> VALUES =
      MapLayout.of(
          FragmentEntry.LAYOUT.byteSize(), FragmentEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public FragmentMap(KernelMap map) {
    super(DatapathMap.FRAGMENTS, map, KEYS, VALUES);
  }
}
