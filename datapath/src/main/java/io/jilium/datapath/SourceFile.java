// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.Optional;

/** {@code enum source_file} of {@code abi/event.h}: where a drop was decided. */
public enum SourceFile {
  FROM_POD(1),
  NETDEV(2),
  HOST(3),
  OVERLAY(4),
  LIB(100),
  PARSE(101),
  DECIDE(102),
  NAT(103),
  FORWARD(104),
  ICMP(105),
  NEIGHBOUR(106),
  TUNNEL(107),
  POLICY(108),
  REWRITE(109),
  BALANCE(110),
  DSR(111);

  private final int number;

  SourceFile(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** The constant with this number; empty for a number of a later version. */
  public static Optional<SourceFile> of(int number) {
    for (var value : values()) {
      if (value.number == number) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
