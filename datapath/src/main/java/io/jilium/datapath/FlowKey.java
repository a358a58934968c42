// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct flow_key} of {@code abi/flow.h}: one direction of a connection. Ports are as in the
 * packet; ifindex is the sending pod's host-side device, 0 for what comes from outside.
 */
public record FlowKey(
    IpAddress source,
    IpAddress destination,
    int sourcePort,
    int destinationPort,
    int ifindex,
    int protocol) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("src"),
          Struct.ADDRESS.withName("dst"),
          Struct.BE16.withName("sport"),
          Struct.BE16.withName("dport"),
          Struct.U32.withName("ifindex"),
          Struct.U8.withName("proto"),
          Struct.U8.withName("family"),
          Struct.pad(2));

  private static final long SRC = Struct.offset(LAYOUT, "src");
  private static final long DST = Struct.offset(LAYOUT, "dst");
  private static final VarHandle SPORT = Struct.field(LAYOUT, "sport");
  private static final VarHandle DPORT = Struct.field(LAYOUT, "dport");
  private static final VarHandle IFINDEX = Struct.field(LAYOUT, "ifindex");
  private static final VarHandle PROTO = Struct.field(LAYOUT, "proto");
  private static final VarHandle FAMILY = Struct.field(LAYOUT, "family");

  /** Reads the struct at the start of the segment. */
  public static FlowKey read(MemorySegment from) {
    return new FlowKey(
        Struct.address(from, SRC),
        Struct.address(from, DST),
        Struct.u16(SPORT, from),
        Struct.u16(DPORT, from),
        (int) IFINDEX.get(from, 0L),
        Struct.u8(PROTO, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    to.asSlice(0, LAYOUT.byteSize()).fill((byte) 0);
    Struct.address(to, SRC, source);
    Struct.address(to, DST, destination);
    SPORT.set(to, 0L, (short) sourcePort);
    DPORT.set(to, 0L, (short) destinationPort);
    IFINDEX.set(to, 0L, ifindex);
    PROTO.set(to, 0L, (byte) protocol);
    FAMILY.set(to, 0L, (byte) AddressFamily.of(source).number());
  }
}
