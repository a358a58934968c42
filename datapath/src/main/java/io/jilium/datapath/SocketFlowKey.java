// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct socket_flow_key} of {@code abi/service.h}: a UDP socket and an address that it
 * talks to.
 */
public record SocketFlowKey(long cookie, IpAddress address, int port, int direction) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U64.withName("cookie"),
          Struct.ADDRESS.withName("address"),
          Struct.BE16.withName("port"),
          Struct.U8.withName("direction"),
          Struct.pad(5));

  private static final VarHandle COOKIE = Struct.field(LAYOUT, "cookie");
  private static final long ADDRESS = Struct.offset(LAYOUT, "address");
  private static final VarHandle PORT = Struct.field(LAYOUT, "port");
  private static final VarHandle DIRECTION = Struct.field(LAYOUT, "direction");

  /** Reads the struct at the start of the segment. */
  public static SocketFlowKey read(MemorySegment from) {
    return new SocketFlowKey(
        (long) COOKIE.get(from, 0L),
        Struct.address(from, ADDRESS),
        Struct.u16(PORT, from),
        Struct.u8(DIRECTION, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    COOKIE.set(to, 0L, cookie);
    Struct.address(to, ADDRESS, address);
    PORT.set(to, 0L, (short) port);
    DIRECTION.set(to, 0L, (byte) direction);
  }
}
