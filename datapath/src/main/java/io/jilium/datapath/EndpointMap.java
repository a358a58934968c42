// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** The addresses that live on this node. */
public final class EndpointMap extends TypedMap<EndpointKey, EndpointEntry> {
  private static final MapLayout<EndpointKey> KEYS =
      MapLayout.of(EndpointKey.LAYOUT.byteSize(), EndpointKey::read, (to, key) -> key.write(to));
  private static final MapLayout<EndpointEntry> VALUES =
      MapLayout.of(
          EndpointEntry.LAYOUT.byteSize(), EndpointEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public EndpointMap(KernelMap map) {
    super(DatapathMap.ENDPOINTS, map, KEYS, VALUES);
  }

  /** Adds or replaces the entry of an address. */
  public void put(IpAddress address, EndpointEntry entry) {
    put(new EndpointKey(address), entry);
  }

  /** False if the address was not there. */
  public boolean delete(IpAddress address) {
    return delete(new EndpointKey(address));
  }
}
