// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** Conntrack and cached decisions: one entry for each direction of a connection. */
public final class FlowMap extends TypedMap<FlowKey, FlowEntry> {
  private static final MapLayout<FlowKey> KEYS =
      MapLayout.of(FlowKey.LAYOUT.byteSize(), FlowKey::read, (to, key) -> key.write(to));
  private static final MapLayout<FlowEntry> VALUES =
      MapLayout.of(FlowEntry.LAYOUT.byteSize(), FlowEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public FlowMap(KernelMap map) {
    super(DatapathMap.FLOWS, map, KEYS, VALUES);
  }
}
