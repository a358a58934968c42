// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum event_flag} of {@code abi/event.h}. */
public enum EventFlag {
  IPV6(1),
  /** The capture starts with the IP header. */
  L3(2),
  /** The capture starts with the outer headers. */
  ENCAPSULATED(4);

  private final int number;

  EventFlag(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<EventFlag> of(int number) {
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
