// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct affinity_entry} of {@code abi/service.h}: the backend that a client keeps, and when
 * it last opened a connection (nanoseconds of CLOCK_MONOTONIC).
 */
public record AffinityEntry(long usedNanos, int backend) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U64.withName("used"), Struct.U32.withName("backend"), Struct.U32.withName("pad"));

  private static final VarHandle USED = Struct.field(LAYOUT, "used");
  private static final VarHandle BACKEND = Struct.field(LAYOUT, "backend");

  /** Reads the struct at the start of the segment. */
  public static AffinityEntry read(MemorySegment from) {
    return new AffinityEntry((long) USED.get(from, 0L), (int) BACKEND.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    USED.set(to, 0L, usedNanos);
    BACKEND.set(to, 0L, backend);
  }
}
