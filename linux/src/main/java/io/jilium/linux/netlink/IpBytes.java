// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.StringJoiner;

/**
 * Addresses to and from bytes and text, without name resolution and without turning ::ffff:0:0/96
 * into IPv4.
 */
final class IpBytes {
  private IpBytes() {}

  static InetAddress address(byte[] bytes) {
    try {
      return bytes.length == 16
          ? Inet6Address.getByAddress(null, bytes, -1)
          : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("IP address of " + bytes.length + " bytes", e);
    }
  }

  /** As RFC 5952 writes it; the JDK would print fd00:0:0:0:0:0:0:1. */
  static String text(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address.getHostAddress();
    }
    var bytes = address.getAddress();
    var groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int best = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > bestLength) {
        best = i;
        bestLength = end - i;
      }
    }
    if (best < 0) {
      return join(groups, 0, 8);
    }
    return join(groups, 0, best) + "::" + join(groups, best + bestLength, 8);
  }

  private static String join(int[] groups, int from, int to) {
    var joiner = new StringJoiner(":");
    for (int i = from; i < to; i++) {
      joiner.add(Integer.toHexString(groups[i]));
    }
    return joiner.toString();
  }
}
