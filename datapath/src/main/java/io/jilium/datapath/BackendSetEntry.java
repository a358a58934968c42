// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct backend_set} of {@code abi/service.h}: the backends for new connections. */
public record BackendSetEntry(int id, int base, int count, int flags) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("id"),
          Struct.U32.withName("base"),
          Struct.U32.withName("count"),
          Struct.U32.withName("flags"));

  private static final VarHandle ID = Struct.field(LAYOUT, "id");
  private static final VarHandle BASE = Struct.field(LAYOUT, "base");
  private static final VarHandle COUNT = Struct.field(LAYOUT, "count");
  private static final VarHandle FLAGS = Struct.field(LAYOUT, "flags");

  /** Reads the struct at the start of the segment. */
  public static BackendSetEntry read(MemorySegment from) {
    return new BackendSetEntry(
        (int) ID.get(from, 0L),
        (int) BASE.get(from, 0L),
        (int) COUNT.get(from, 0L),
        (int) FLAGS.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    ID.set(to, 0L, id);
    BASE.set(to, 0L, base);
    COUNT.set(to, 0L, count);
    FLAGS.set(to, 0L, flags);
  }
}
