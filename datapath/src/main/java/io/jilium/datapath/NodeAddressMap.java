// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** Addresses of nodes and their {@link NodeAddressFlag}s. */
public final class NodeAddressMap extends TypedMap<NodeAddressKey, Integer> {
  private static final MapLayout<NodeAddressKey> KEYS =
      MapLayout.of(
          NodeAddressKey.LAYOUT.byteSize(), NodeAddressKey::read, (to, key) -> key.write(to));

  /** Takes ownership of the map. */
  public NodeAddressMap(KernelMap map) {
    super(DatapathMap.NODE_ADDRESSES, map, KEYS, MapLayout.U32);
  }
}
