// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** The backends of sets whose clients or sockets remember them; the value is 1. */
public final class MemberMap extends TypedMap<MemberKey, Integer> {
  private static final MapLayout<MemberKey> KEYS =
      MapLayout.of(MemberKey.LAYOUT.byteSize(), MemberKey::read, (to, key) -> key.write(to));

  /** Takes ownership of the map. */
  public MemberMap(KernelMap map) {
    super(DatapathMap.MEMBERS, map, KEYS, MapLayout.U32);
  }
}
