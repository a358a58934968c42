// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum flow_flag} of {@code abi/flow.h}. */
public enum FlowFlag {
  /** The reply direction. */
  REPLY(1),
  /** The first packet came out of the tunnel. */
  FROM_TUNNEL(2),
  /** FIN or RST seen in this direction. */
  CLOSING(4),
  /** TCP is past the handshake in this direction. */
  SEEN_NON_SYN(8),
  /** The source becomes another address or port. */
  REWRITE_SRC(16),
  /** The destination becomes another address or port. */
  REWRITE_DST(32),
  /** A connection of the node itself, kept to reserve its port. */
  HOST(64),
  /** This direction goes to the node's stack, and the other one comes out of it. */
  STACK(128),
  /** To or from a backend that a service chose. */
  SERVICE(256),
  /** The server's node answers the client itself. */
  DIRECT(512);

  private final int number;

  FlowFlag(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<FlowFlag> of(int number) {
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
