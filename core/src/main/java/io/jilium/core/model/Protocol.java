// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** Layer 4 protocols that have a name here (IANA protocol numbers). */
public enum Protocol {
  ICMP(1, "ICMPv4"),
  TCP(6, "TCP"),
  UDP(17, "UDP"),
  ICMPV6(58, "ICMPv6"),
  SCTP(132, "SCTP");

  private final int number;
  private final String text;

  Protocol(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The protocol with this number. */
  public static Optional<Protocol> of(int number) {
    for (Protocol protocol : values()) {
      if (protocol.number == number) {
        return Optional.of(protocol);
      }
    }
    return Optional.empty();
  }

  /** The name of a number, the number itself when it has none. */
  public static String text(int number) {
    return of(number).map(Protocol::text).orElseGet(() -> Integer.toString(number));
  }

  /** The number in the IP header. */
  public int number() {
    return number;
  }

  /** As Cilium prints it. */
  public String text() {
    return text;
  }

  /** Whether source and destination have ports. */
  public boolean hasPorts() {
    return this == TCP || this == UDP || this == SCTP;
  }
}
