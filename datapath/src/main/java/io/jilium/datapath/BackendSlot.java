// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct backend_slot} of {@code abi/service.h}: one element of the array of all sets. */
public record BackendSlot(int set, int backend) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(Struct.U32.withName("set"), Struct.U32.withName("backend"));

  private static final VarHandle SET = Struct.field(LAYOUT, "set");
  private static final VarHandle BACKEND = Struct.field(LAYOUT, "backend");

  /** Reads the struct at the start of the segment. */
  public static BackendSlot read(MemorySegment from) {
    return new BackendSlot((int) SET.get(from, 0L), (int) BACKEND.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    SET.set(to, 0L, set);
    BACKEND.set(to, 0L, backend);
  }
}
