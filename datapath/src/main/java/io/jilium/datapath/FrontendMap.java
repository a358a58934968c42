// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** What services listen on. */
public final class FrontendMap extends TypedMap<FrontendKey, FrontendEntry> {
  private static final MapLayout<FrontendKey> KEYS =
      MapLayout.of(FrontendKey.LAYOUT.byteSize(), FrontendKey::read, (to, key) -> key.write(to));
  private static final MapLayout<FrontendEntry> VALUES =
      MapLayout.of(
          FrontendEntry.LAYOUT.byteSize(), FrontendEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public FrontendMap(KernelMap map) {
    super(DatapathMap.FRONTENDS, map, KEYS, VALUES);
  }
}
