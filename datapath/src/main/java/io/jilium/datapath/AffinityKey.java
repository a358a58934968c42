// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct affinity_key} of {@code abi/service.h}: a client of a service; of a network
 * namespace the address holds the cookie.
 */
public record AffinityKey(IpAddress client, int frontend, int kind) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.ADDRESS.withName("client"),
          Struct.U32.withName("frontend"),
          Struct.U8.withName("kind"),
          Struct.pad(3));

  private static final long CLIENT = Struct.offset(LAYOUT, "client");
  private static final VarHandle FRONTEND = Struct.field(LAYOUT, "frontend");
  private static final VarHandle KIND = Struct.field(LAYOUT, "kind");

  /** Reads the struct at the start of the segment. */
  public static AffinityKey read(MemorySegment from) {
    return new AffinityKey(
        Struct.address(from, CLIENT), (int) FRONTEND.get(from, 0L), Struct.u8(KIND, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    Struct.address(to, CLIENT, client);
    FRONTEND.set(to, 0L, frontend);
    KIND.set(to, 0L, (byte) kind);
  }

  /** The cookie of the namespace by which the client is known. */
  public long netnsCookie() {
    return Long.reverseBytes(client.high());
  }
}
