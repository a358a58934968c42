// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import com.google.protobuf.ByteString;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.util.Comparator;
import java.util.Locale;

/** Addresses as they come over the wire. */
final class Addresses {
  private Addresses() {}

  /** IPv4 before IPv6, each in numeric order. */
  static Comparator<ByteString> order() {
    return Comparator.comparingInt(ByteString::size)
        .thenComparing(ByteString.unsignedLexicographicalComparator());
  }

  /** The address, 0.0.0.0 for none. */
  static String text(ByteString address) {
    return address.isEmpty() ? "0.0.0.0" : IpAddress.ofBytes(address.toByteArray()).toString();
  }

  /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}. */
  static String text(ByteString address, int port) {
    return address.size() == 16 ? "[" + text(address) + "]:" + port : text(address) + ":" + port;
  }

  /** In capitals, as people know it from this list. */
  static String mac(ByteString mac) {
    return MacAddress.ofBytes(mac.toByteArray()).toString().toUpperCase(Locale.ROOT);
  }

  /** The name of an IP protocol, else its number. */
  static String protocol(int number) {
    return switch (number) {
      case 1 -> "ICMP";
      case 6 -> "TCP";
      case 17 -> "UDP";
      case 58 -> "ICMPv6";
      case 132 -> "SCTP";
      default -> Integer.toString(number);
    };
  }
}
