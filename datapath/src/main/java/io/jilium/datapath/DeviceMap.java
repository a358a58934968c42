// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;

/** Underlay devices by ifindex. */
public final class DeviceMap extends TypedMap<Integer, DeviceEntry> {
  private static final MapLayout<DeviceEntry> VALUES =
      MapLayout.of(
          DeviceEntry.LAYOUT.byteSize(), DeviceEntry::read, (to, value) -> value.write(to));

  /** Takes ownership of the map. */
  public DeviceMap(KernelMap map) {
    super(DatapathMap.DEVICES, map, MapLayout.U32, VALUES);
  }
}
