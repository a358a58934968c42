// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum event_type} of {@code abi/event.h}. */
public enum EventType {
  DROP(1),
  DEBUG(2),
  TRACE(4),
  POLICY_VERDICT(5);

  private final int number;

  EventType(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<EventType> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
