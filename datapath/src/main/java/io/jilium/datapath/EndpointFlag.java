// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum endpoint_flag} of {@code abi/endpoint.h}. */
public enum EndpointFlag {
  /** An address of the node itself. */
  HOST(1),
  /** The router address. */
  ROUTER(2);

  private final int number;

  EndpointFlag(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<EndpointFlag> of(int number) {
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
