// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.NumericIdentity;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct ipcache_entry} of {@code abi/ipcache.h}: a prefix's identity and the node it lives
 * on; tunnel endpoint 0.0.0.0: this node, or outside the cluster.
 */
public record IpcacheEntry(NumericIdentity identity, IpAddress tunnelEndpoint, int flags, int key) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("identity"),
          Struct.BE32.withName("tunnel_endpoint"),
          Struct.U8.withName("flags"),
          Struct.U8.withName("key"),
          Struct.pad(2));

  private static final VarHandle IDENTITY = Struct.field(LAYOUT, "identity");
  private static final VarHandle TUNNEL_ENDPOINT = Struct.field(LAYOUT, "tunnel_endpoint");
  private static final VarHandle FLAGS = Struct.field(LAYOUT, "flags");
  private static final VarHandle KEY = Struct.field(LAYOUT, "key");

  /** Reads the struct at the start of the segment. */
  public static IpcacheEntry read(MemorySegment from) {
    return new IpcacheEntry(
        new NumericIdentity((int) IDENTITY.get(from, 0L)),
        IpAddress.v4((int) TUNNEL_ENDPOINT.get(from, 0L)),
        Struct.u8(FLAGS, from),
        Struct.u8(KEY, from));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    to.asSlice(0, LAYOUT.byteSize()).fill((byte) 0);
    IDENTITY.set(to, 0L, identity.value());
    TUNNEL_ENDPOINT.set(to, 0L, tunnelEndpoint.v4Bits());
    FLAGS.set(to, 0L, (byte) flags);
    KEY.set(to, 0L, (byte) key);
  }

  /** Whether an {@link IpcacheFlag} is set. */
  public boolean has(IpcacheFlag flag) {
    return flag.in(flags);
  }
}
