// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct metrics_entry} of {@code abi/metrics.h}. */
public record MetricsEntry(long packets, long bytes) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(Struct.U64.withName("packets"), Struct.U64.withName("bytes"));

  private static final VarHandle PACKETS = Struct.field(LAYOUT, "packets");
  private static final VarHandle BYTES = Struct.field(LAYOUT, "bytes");

  /** Reads the struct at the start of the segment. */
  public static MetricsEntry read(MemorySegment from) {
    return new MetricsEntry((long) PACKETS.get(from, 0L), (long) BYTES.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    PACKETS.set(to, 0L, packets);
    BYTES.set(to, 0L, bytes);
  }

  /** The sum over CPUs. */
  public MetricsEntry plus(MetricsEntry other) {
    return new MetricsEntry(packets + other.packets, bytes + other.bytes);
  }
}
