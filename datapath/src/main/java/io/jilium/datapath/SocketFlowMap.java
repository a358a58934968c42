// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** What UDP sockets talk to through services. */
public final class SocketFlowMap extends TypedMap<SocketFlowKey, SocketFlowEntry> {
  private static final MapLayout<SocketFlowKey> KEYS =
      MapLayout.of(
          SocketFlowKey.LAYOUT.byteSize(), SocketFlowKey::read, (to, key) -> key.write(to));
  private static final MapLayout<SocketFlowEntry> VALUES =
      MapLayout.of(
          SocketFlowEntry.LAYOUT.byteSize(), SocketFlowEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public SocketFlowMap(KernelMap map) {
    super(DatapathMap.SOCKET_FLOWS, map, KEYS, VALUES);
  }
}
