// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct socket_peer} of {@code abi/service.h}: what a connected socket asked for and what
 * it got.
 */
public record SocketPeer(
    IpAddress asked, int askedPort, IpAddress backend, int backendPort, int frontend) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("asked"),
          Struct.ADDRESS.withName("backend"),
          Struct.BE16.withName("asked_port"),
          Struct.BE16.withName("backend_port"),
          Struct.U32.withName("frontend"));

  private static final long ASKED = Struct.offset(LAYOUT, "asked");
  private static final long BACKEND = Struct.offset(LAYOUT, "backend");
  private static final VarHandle ASKED_PORT = Struct.field(LAYOUT, "asked_port");
  private static final VarHandle BACKEND_PORT = Struct.field(LAYOUT, "backend_port");
  private static final VarHandle FRONTEND = Struct.field(LAYOUT, "frontend");

  /** Reads the struct at the start of the segment. */
  public static SocketPeer read(MemorySegment from) {
    return new SocketPeer(
        Struct.address(from, ASKED),
        Struct.u16(ASKED_PORT, from),
        Struct.address(from, BACKEND),
        Struct.u16(BACKEND_PORT, from),
        (int) FRONTEND.get(from, 0L));
  }
}
