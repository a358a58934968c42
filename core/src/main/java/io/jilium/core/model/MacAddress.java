// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Arrays;

/** An Ethernet address: 48 bits, the first byte on the wire being the highest. */
public record MacAddress(long bits) implements Comparable<MacAddress> {
  /** 00:00:00:00:00:00. */
  public static final MacAddress ZERO = new MacAddress(0);

  /** Refuses more than 48 bits. */
  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits: 0x" + Long.toHexString(bits));
    }
  }

  /** Parses six hexadecimal pairs with colons. */
  public static MacAddress parse(String text) {
    if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a MAC address: six pairs as in 0a:58:0a:f4:01:16");
    }
    return new MacAddress(Long.parseLong(text.replace(":", ""), 16));
  }

  /** From 6 bytes in wire order. */
  public static MacAddress ofBytes(byte[] bytes) {
    if (bytes.length != 6) {
      throw new IllegalArgumentException(
          "a MAC address has 6 bytes, not " + Arrays.toString(bytes));
    }
    long bits = 0;
    for (byte b : bytes) {
      bits = bits << 8 | (b & 0xff);
    }
    return new MacAddress(bits);
  }

  /** Makes a unicast, locally administered address of 48 random bits, which the caller draws. */
  public static MacAddress locallyAdministered(long random) {
    return new MacAddress((random & 0xffff_ffff_ffffL & ~0x0100_0000_0000L) | 0x0200_0000_0000L);
  }

  /** 6 bytes in wire order. */
  public byte[] bytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (bits >>> (40 - 8 * i));
    }
    return bytes;
  }

  /** Whether the group bit is set (broadcast included). */
  public boolean isMulticast() {
    return (bits >>> 40 & 1) != 0;
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    var text = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      int octet = (int) (bits >>> shift) & 0xff;
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
      if (shift > 0) {
        text.append(':');
      }
    }
    return text.toString();
  }
}
