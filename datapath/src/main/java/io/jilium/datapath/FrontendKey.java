// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct frontend_key} of {@code abi/service.h}: an address and port that belong to
 * services; port and protocol 0: the whole address.
 */
public record FrontendKey(IpAddress address, int port, int protocol) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("address"),
          Struct.BE16.withName("port"),
          Struct.U8.withName("proto"),
          Struct.U8.withName("pad"));

  private static final long ADDRESS = Struct.offset(LAYOUT, "address");
  private static final VarHandle PORT = Struct.field(LAYOUT, "port");
  private static final VarHandle PROTO = Struct.field(LAYOUT, "proto");

  /** Reads the struct at the start of the segment. */
  public static FrontendKey read(MemorySegment from) {
    return new FrontendKey(
        Struct.address(from, ADDRESS), Struct.u16(PORT, from), Struct.u8(PROTO, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    Struct.address(to, ADDRESS, address);
    PORT.set(to, 0L, (short) port);
    PROTO.set(to, 0L, (byte) protocol);
  }
}
