// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct frontend_entry} of {@code abi/service.h}: what an address and port lead to. */
public record FrontendEntry(
    int id,
    int flags,
    int type,
    int affinitySeconds,
    BackendSetEntry inside,
    BackendSetEntry outside) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("id"),
          Struct.U16.withName("flags"),
          Struct.U8.withName("type"),
          Struct.U8.withName("pad"),
          Struct.U32.withName("affinity"),
          BackendSetEntry.LAYOUT.withName("inside"),
          BackendSetEntry.LAYOUT.withName("outside"));

  private static final VarHandle ID = Struct.field(LAYOUT, "id");
  private static final VarHandle FLAGS = Struct.field(LAYOUT, "flags");
  private static final VarHandle TYPE = Struct.field(LAYOUT, "type");
  private static final VarHandle AFFINITY = Struct.field(LAYOUT, "affinity");
  private static final long INSIDE = Struct.offset(LAYOUT, "inside");
  private static final long OUTSIDE = Struct.offset(LAYOUT, "outside");

  /** Reads the struct at the start of the segment. */
  public static FrontendEntry read(MemorySegment from) {
    return new FrontendEntry(
        (int) ID.get(from, 0L),
        Struct.u16(FLAGS, from),
        Struct.u8(TYPE, from),
        (int) AFFINITY.get(from, 0L),
        BackendSetEntry.read(from.asSlice(INSIDE)),
        BackendSetEntry.read(from.asSlice(OUTSIDE)));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    ID.set(to, 0L, id);
    FLAGS.set(to, 0L, (short) flags);
    TYPE.set(to, 0L, (byte) type);
    AFFINITY.set(to, 0L, affinitySeconds);
    inside.write(to.asSlice(INSIDE));
    outside.write(to.asSlice(OUTSIDE));
  }

  /** Whether a {@link FrontendFlag} is set. */
  public boolean has(FrontendFlag flag) {
    return flag.in(flags);
  }
}
