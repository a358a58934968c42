// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct socket_flow_entry} of {@code abi/service.h}: the other side of a {@link
 * SocketFlowKey}.
 */
public record SocketFlowEntry(IpAddress address, int port, int frontend, int backend, int base) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("address"),
          Struct.BE16.withName("port"),
          Struct.U16.withName("pad"),
          Struct.U32.withName("frontend"),
          Struct.U32.withName("backend"),
          Struct.U32.withName("base"));

  private static final long ADDRESS = Struct.offset(LAYOUT, "address");
  private static final VarHandle PORT = Struct.field(LAYOUT, "port");
  private static final VarHandle FRONTEND = Struct.field(LAYOUT, "frontend");
  private static final VarHandle BACKEND = Struct.field(LAYOUT, "backend");
  private static final VarHandle BASE = Struct.field(LAYOUT, "base");

  /** Reads the struct at the start of the segment. */
  public static SocketFlowEntry read(MemorySegment from) {
    return new SocketFlowEntry(
        Struct.address(from, ADDRESS),
        Struct.u16(PORT, from),
        (int) FRONTEND.get(from, 0L),
        (int) BACKEND.get(from, 0L),
        (int) BASE.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    Struct.address(to, ADDRESS, address);
    PORT.set(to, 0L, (short) port);
    FRONTEND.set(to, 0L, frontend);
    BACKEND.set(to, 0L, backend);
    BASE.set(to, 0L, base);
  }
}
