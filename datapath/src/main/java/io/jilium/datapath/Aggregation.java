// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum aggregation} of {@code abi/runtime.h}: how many trace events are told. */
public enum Aggregation {
  /** Every packet at every point. */
  NONE(0),
  /** Nothing on receipt. */
  LOW(1),
  /** New flows, new TCP flags, and an event per interval. */
  MEDIUM(3),
  /** New flows only. */
  MAXIMUM(4);

  private final int number;

  Aggregation(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<Aggregation> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
