// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpPrefix;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** Longest prefix to identity and node. */
public final class IpcacheMap extends TypedMap<IpcacheKey, IpcacheEntry> {
  private static final MapLayout<IpcacheKey> KEYS =
      MapLayout.of(IpcacheKey.LAYOUT.byteSize(), IpcacheKey::read, (to, key) -> key.write(to));
  private static final MapLayout<IpcacheEntry> VALUES =
      MapLayout.of(
          IpcacheEntry.LAYOUT.byteSize(), IpcacheEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public IpcacheMap(KernelMap map) {
    super(DatapathMap.IPCACHE, map, KEYS, VALUES);
  }

  /** Adds or replaces the entry of a prefix. */
  public void put(IpPrefix prefix, IpcacheEntry entry) {
    put(new IpcacheKey(prefix), entry);
  }

  /** False if the prefix was not there. */
  public boolean delete(IpPrefix prefix) {
    return delete(new IpcacheKey(prefix));
  }
}
