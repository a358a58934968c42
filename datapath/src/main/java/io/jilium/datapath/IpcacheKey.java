// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct ipcache_key} of {@code abi/ipcache.h}: a prefix. In the kernel its length counts
 * IPv4's 96 mapped bits.
 */
public record IpcacheKey(IpPrefix prefix) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("prefixlen"), Struct.ADDRESS.withName("address"));

  private static final int MAPPED = 96;
  private static final VarHandle PREFIXLEN = Struct.field(LAYOUT, "prefixlen");
  private static final long ADDRESS = Struct.offset(LAYOUT, "address");

  /** Reads the struct at the start of the segment. */
  public static IpcacheKey read(MemorySegment from) {
    int length = (int) PREFIXLEN.get(from, 0L);
    IpAddress address = Struct.address(from, ADDRESS);
    boolean v4 = address.isV4() && length >= MAPPED;
    return new IpcacheKey(IpPrefix.of(address, v4 ? length - MAPPED : length));
  }

  /** Writes the struct to the start of the segment. */
  public void write(MemorySegment to) {
    PREFIXLEN.set(to, 0L, prefix.isV4() ? prefix.length() + MAPPED : prefix.length());
    Struct.address(to, ADDRESS, prefix.address());
  }
}
