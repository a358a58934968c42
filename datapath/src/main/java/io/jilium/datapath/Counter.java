// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum counter} of {@code abi/metrics.h}. */
public enum Counter {
  FORWARD_INGRESS(0),
  FORWARD_EGRESS(1),
  EVENTS_LOST(2),
  FLOW_INSERT_FAILED(3),
  /** Of the forwarded packets those that never came to the stack. */
  FORWARD_XDP(4);

  private final int number;

  Counter(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<Counter> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
