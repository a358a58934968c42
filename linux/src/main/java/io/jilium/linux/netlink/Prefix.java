// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;

/**
 * An IPv4 or IPv6 address with a prefix length; host bits are kept, as an interface's address needs
 * them.
 */
public record Prefix(InetAddress address, int length) {
  public static final Prefix ALL_IPV4 = parse("0.0.0.0/0");
  public static final Prefix ALL_IPV6 = parse("::/0");

  public Prefix {
    if (length < 0 || length > 8 * address.getAddress().length) {
      throw new IllegalArgumentException(
          "prefix length " + length + " of address " + address.getHostAddress());
    }
  }

  /**
   * Reads {@code 10.1.0.0/24}, {@code fd00::/64}, or an address alone, which becomes a /32 or /128.
   */
  public static Prefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return host(InetAddress.ofLiteral(text));
    }
    try {
      int length = Integer.parseInt(text.substring(slash + 1));
      return new Prefix(InetAddress.ofLiteral(text.substring(0, slash)), length);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a prefix: " + text, e);
    }
  }

  public static Prefix host(InetAddress address) {
    return new Prefix(address, 8 * address.getAddress().length);
  }

  public static Prefix all(Family family) {
    return family == Family.IPV4 ? ALL_IPV4 : ALL_IPV6;
  }

  public Family family() {
    return Family.of(address);
  }

  public boolean isHost() {
    return length == 8 * address.getAddress().length;
  }

  /** The same prefix with its host bits cleared. */
  public Prefix masked() {
    var bytes = address.getAddress();
    for (int bit = length; bit < 8 * bytes.length; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >>> bit % 8);
    }
    return new Prefix(IpBytes.address(bytes), length);
  }

  @Override
  public String toString() {
    return IpBytes.text(address) + "/" + length;
  }
}
