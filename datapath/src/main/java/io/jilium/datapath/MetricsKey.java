// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct metrics_key} of {@code abi/metrics.h}: what is counted apart. reason 0: forwarded.
 */
public record MetricsKey(int reason, int direction, int line, int file) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U8.withName("reason"),
          Struct.U8.withName("direction"),
          Struct.U16.withName("line"),
          Struct.U8.withName("file"),
          Struct.pad(3));

  private static final VarHandle REASON = Struct.field(LAYOUT, "reason");
  private static final VarHandle DIRECTION = Struct.field(LAYOUT, "direction");
  private static final VarHandle LINE = Struct.field(LAYOUT, "line");
  private static final VarHandle FILE = Struct.field(LAYOUT, "file");

  /** Reads the struct at the start of the segment. */
  public static MetricsKey read(MemorySegment from) {
    return new MetricsKey(
        Struct.u8(REASON, from),
        Struct.u8(DIRECTION, from),
        Struct.u16(LINE, from),
        Struct.u8(FILE, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    to.asSlice(0, LAYOUT.byteSize()).fill((byte) 0);
    REASON.set(to, 0L, (byte) reason);
    DIRECTION.set(to, 0L, (byte) direction);
    LINE.set(to, 0L, (short) line);
    FILE.set(to, 0L, (byte) file);
  }
}
