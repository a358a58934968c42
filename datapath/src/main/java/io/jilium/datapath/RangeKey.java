// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct range_key} of {@code abi/service.h}: a range of sources of a service. */
public record RangeKey(int frontend, IpPrefix prefix) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("prefixlen"),
          Struct.U32.withName("frontend"),
          Struct.ADDRESS.withName("address"));

  private static final VarHandle PREFIXLEN = Struct.field(LAYOUT, "prefixlen");
  private static final VarHandle FRONTEND = Struct.field(LAYOUT, "frontend");
  private static final long ADDRESS = Struct.offset(LAYOUT, "address");

  /** Reads the struct at the start of the segment. */
  public static RangeKey read(MemorySegment from) {
    return of(
        (int) PREFIXLEN.get(from, 0L), (int) FRONTEND.get(from, 0L), Struct.address(from, ADDRESS));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    PREFIXLEN.set(to, 0L, FRONTEND_BITS + prefix.length() + (prefix.isV4() ? MAPPED_BITS : 0));
    FRONTEND.set(to, 0L, frontend);
    Struct.address(to, ADDRESS, prefix.address());
  }

  private static final int FRONTEND_BITS = 32;
  private static final int MAPPED_BITS = 96;

  private static RangeKey of(int bits, int frontend, IpAddress address) {
    int length = bits - FRONTEND_BITS - (address.isV4() ? MAPPED_BITS : 0);
    return new RangeKey(frontend, IpPrefix.of(address, length));
  }
}
