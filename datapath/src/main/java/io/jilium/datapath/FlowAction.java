// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum flow_action} of {@code abi/flow.h}: what is done with a flow's packets. */
public enum FlowAction {
  /** Not decided; the other direction made the entry. */
  NONE(0),
  /** To a pod on this node. */
  POD(1),
  /** To this node's stack. */
  HOST(2),
  /** The program writes the outer headers. */
  TUNNEL(3),
  /** By {@code cilium_vxlan}. */
  TUNNEL_DEVICE(4),
  /** Routed, MACs known. */
  NODE(5),
  /** Routed, the kernel resolves the neighbour. */
  NEIGH(6),
  /** The kernel routes it. */
  STACK(7);

  private final int number;

  FlowAction(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<FlowAction> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
