// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct fragment_key} of {@code abi/fragment.h}. */
public record FragmentKey(
    IpAddress source, IpAddress destination, int id, int ifindex, int protocol) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("src"),
          Struct.ADDRESS.withName("dst"),
          Struct.BE32.withName("id"),
          Struct.U32.withName("ifindex"),
          Struct.U8.withName("proto"),
          Struct.U8.withName("family"),
          Struct.pad(2));

  private static final long SRC = Struct.offset(LAYOUT, "src");
  private static final long DST = Struct.offset(LAYOUT, "dst");
  private static final VarHandle ID = Struct.field(LAYOUT, "id");
  private static final VarHandle IFINDEX = Struct.field(LAYOUT, "ifindex");
  private static final VarHandle PROTO = Struct.field(LAYOUT, "proto");
  private static final VarHandle FAMILY = Struct.field(LAYOUT, "family");

  /** Reads the struct at the start of the segment. */
  public static FragmentKey read(MemorySegment from) {
    return new FragmentKey(
        Struct.address(from, SRC),
        Struct.address(from, DST),
        (int) ID.get(from, 0L),
        (int) IFINDEX.get(from, 0L),
        Struct.u8(PROTO, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    to.asSlice(0, LAYOUT.byteSize()).fill((byte) 0);
    Struct.address(to, SRC, source);
    Struct.address(to, DST, destination);
    ID.set(to, 0L, id);
    IFINDEX.set(to, 0L, ifindex);
    PROTO.set(to, 0L, (byte) protocol);
    FAMILY.set(to, 0L, (byte) AddressFamily.of(source).number());
  }
}
