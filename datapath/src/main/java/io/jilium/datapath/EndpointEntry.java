// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct endpoint_entry} of {@code abi/endpoint.h}: an address that lives on this node;
 * ifindex 0 is the node itself.
 */
public record EndpointEntry(
    int ifindex, NumericIdentity identity, int id, int flags, MacAddress mac, MacAddress nodeMac) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("ifindex"),
          Struct.U32.withName("identity"),
          Struct.U16.withName("id"),
          Struct.U16.withName("flags"),
          Struct.MAC.withName("mac"),
          Struct.MAC.withName("node_mac"));

  private static final VarHandle IFINDEX = Struct.field(LAYOUT, "ifindex");
  private static final VarHandle IDENTITY = Struct.field(LAYOUT, "identity");
  private static final VarHandle ID = Struct.field(LAYOUT, "id");
  private static final VarHandle FLAGS = Struct.field(LAYOUT, "flags");
  private static final long MAC = Struct.offset(LAYOUT, "mac");
  private static final long NODE_MAC = Struct.offset(LAYOUT, "node_mac");

  /** Reads the struct at the start of the segment. */
  public static EndpointEntry read(MemorySegment from) {
    return new EndpointEntry(
        (int) IFINDEX.get(from, 0L),
        new NumericIdentity((int) IDENTITY.get(from, 0L)),
        Struct.u16(ID, from),
        Struct.u16(FLAGS, from),
        Struct.mac(from, MAC),
        Struct.mac(from, NODE_MAC));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    IFINDEX.set(to, 0L, ifindex);
    IDENTITY.set(to, 0L, identity.value());
    ID.set(to, 0L, (short) id);
    FLAGS.set(to, 0L, (short) flags);
    Struct.mac(to, MAC, mac);
    Struct.mac(to, NODE_MAC, nodeMac);
  }

  /** Whether an {@link EndpointFlag} is set. */
  public boolean has(EndpointFlag flag) {
    return flag.in(flags);
  }
}
