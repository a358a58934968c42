// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.util.Optional;

/** {@code enum family} of {@code abi/address.h}. */
public enum AddressFamily {
  IPV4(4),
  IPV6(6);

  private final int number;

  AddressFamily(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<AddressFamily> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /** The family of an address. */
  public static AddressFamily of(IpAddress address) {
    return address.isV4() ? IPV4 : IPV6;
  }
}
