// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** {@code struct fragment_entry} of {@code abi/fragment.h}: the ports of the first fragment. */
public record FragmentEntry(int sourcePort, int destinationPort) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(Struct.BE16.withName("sport"), Struct.BE16.withName("dport"));

  private static final VarHandle SPORT = Struct.field(LAYOUT, "sport");
  private static final VarHandle DPORT = Struct.field(LAYOUT, "dport");

  /** Reads the struct at the start of the segment. */
  public static FragmentEntry read(MemorySegment from) {
    return new FragmentEntry(Struct.u16(SPORT, from), Struct.u16(DPORT, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    SPORT.set(to, 0L, (short) sourcePort);
    DPORT.set(to, 0L, (short) destinationPort);
  }
}
