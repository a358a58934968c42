// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct node_address_key} of {@code abi/service.h}: an address of a node of the cluster.
 */
public record NodeAddressKey(IpAddress address) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(Struct.ADDRESS.withName("address"));

  private static final long ADDRESS = Struct.offset(LAYOUT, "address");

  /** Reads the struct at the start of the segment. */
  public static NodeAddressKey read(MemorySegment from) {
    return new NodeAddressKey(Struct.address(from, ADDRESS));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    Struct.address(to, ADDRESS, address);
  }
}
