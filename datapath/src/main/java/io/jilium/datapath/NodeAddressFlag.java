// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/** {@code enum node_address_flag} of {@code abi/service.h}. */
public enum NodeAddressFlag {
  /** An address of this node. */
  OWN(1),
  /** Node ports are served there. */
  PORTS(2);

  private final int number;

  NodeAddressFlag(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** Whether the bit is set. */
  public boolean in(int flags) {
    return (flags & number) != 0;
  }
}
