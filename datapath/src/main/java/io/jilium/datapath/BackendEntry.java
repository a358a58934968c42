// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct backend_entry} of {@code abi/service.h}: where a backend is; connections is what
 * programs gave to it.
 */
public record BackendEntry(IpAddress address, int port, int protocol, int state, long connections) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("address"),
          Struct.BE16.withName("port"),
          Struct.U8.withName("proto"),
          Struct.U8.withName("state"),
          Struct.U32.withName("pad"),
          Struct.U64.withName("connections"));

  private static final long ADDRESS = Struct.offset(LAYOUT, "address");
  private static final VarHandle PORT = Struct.field(LAYOUT, "port");
  private static final VarHandle PROTO = Struct.field(LAYOUT, "proto");
  private static final VarHandle STATE = Struct.field(LAYOUT, "state");
  private static final VarHandle CONNECTIONS = Struct.field(LAYOUT, "connections");

  /** Reads the struct at the start of the segment. */
  public static BackendEntry read(MemorySegment from) {
    return new BackendEntry(
        Struct.address(from, ADDRESS),
        Struct.u16(PORT, from),
        Struct.u8(PROTO, from),
        Struct.u8(STATE, from),
        (long) CONNECTIONS.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    Struct.address(to, ADDRESS, address);
    PORT.set(to, 0L, (short) port);
    PROTO.set(to, 0L, (byte) protocol);
    STATE.set(to, 0L, (byte) state);
    CONNECTIONS.set(to, 0L, connections);
  }
}
