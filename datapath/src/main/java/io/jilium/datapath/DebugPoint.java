// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum debug_point} of {@code abi/event.h}: what the arguments of a debug event are. */
public enum DebugPoint {
  /** Protocol, ifindex. */
  CT_LOOKUP(1),
  /** Trace state, service. */
  CT_VERDICT(2),
  /** Source identity, destination identity. */
  CT_CREATED(3),
  /** Identity, 1 when it came with the tunnel. */
  IDENTITY(4),
  /** {@link FlowAction}, ifindex. */
  DECISION(5),
  /** Old port, new port. */
  NAT(6);

  private final int number;

  DebugPoint(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<DebugPoint> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
