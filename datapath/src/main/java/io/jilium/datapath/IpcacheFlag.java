// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum ipcache_flag} of {@code abi/ipcache.h}. */
public enum IpcacheFlag {
  /** Reached through the tunnel endpoint. */
  TUNNEL(1),
  /** Never encapsulated. */
  SKIP_TUNNEL(2),
  /** An address of another node. */
  REMOTE_NODE(4),
  /** A pod of this cluster: never masqueraded. */
  CLUSTER(8);

  private final int number;

  IpcacheFlag(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<IpcacheFlag> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /** Whether the bit is set. */
  public boolean in(int flags) {
    return (flags & number) != 0;
  }
}
