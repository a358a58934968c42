// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum flow_origin} of {@code abi/flow.h}: which door the packets of a flow come in by. */
public enum FlowOrigin {
  /** Not decided. */
  NONE(0),
  /** A pod on this node. */
  POD(1),
  /** An underlay device, not encapsulated. */
  NETWORK(2),
  /** The tunnel. */
  OVERLAY(3),
  /** The node itself. */
  HOST(4);

  private final int number;

  FlowOrigin(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<FlowOrigin> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
