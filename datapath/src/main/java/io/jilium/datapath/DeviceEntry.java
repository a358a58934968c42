// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct device_entry} of {@code abi/device.h}: an underlay device. An unspecified
 * masquerade address: none.
 */
public record DeviceEntry(
    IpAddress masqueradeIpv4, IpAddress masqueradeIpv6, int mtu, MacAddress mac) {
  /** No masquerading for a family. */
  public static final IpAddress NONE = IpAddress.v6(0, 0);

  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("masquerade_ipv4"),
          Struct.ADDRESS.withName("masquerade_ipv6"),
          Struct.U32.withName("mtu"),
          Struct.MAC.withName("mac"),
          Struct.pad(2));

  private static final long MASQUERADE_IPV4 = Struct.offset(LAYOUT, "masquerade_ipv4");
  private static final long MASQUERADE_IPV6 = Struct.offset(LAYOUT, "masquerade_ipv6");
  private static final VarHandle MTU = Struct.field(LAYOUT, "mtu");
  private static final long MAC = Struct.offset(LAYOUT, "mac");

  /** Reads the struct at the start of the segment. */
  public static DeviceEntry read(MemorySegment from) {
    return new DeviceEntry(
        Struct.address(from, MASQUERADE_IPV4),
        Struct.address(from, MASQUERADE_IPV6),
        (int) MTU.get(from, 0L),
        Struct.mac(from, MAC));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    to.asSlice(0, LAYOUT.byteSize()).fill((byte) 0);
    Struct.address(to, MASQUERADE_IPV4, masqueradeIpv4);
    Struct.address(to, MASQUERADE_IPV6, masqueradeIpv6);
    MTU.set(to, 0L, mtu);
    Struct.mac(to, MAC, mac);
  }
}
