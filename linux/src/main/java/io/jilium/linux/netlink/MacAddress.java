// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

/** A 48-bit Ethernet address, kept in the low bits of {@code value}. */
public record MacAddress(long value) {
  public static final MacAddress ZERO = new MacAddress(0);
  static final int SIZE = 6;

  public MacAddress {
    if (value >>> 48 != 0) {
      throw new IllegalArgumentException("MAC address of more than 48 bits: " + value);
    }
  }

  /** Reads {@code 02:00:5e:10:00:01}. */
  public static MacAddress parse(String text) {
    var parts = text.split(":", -1);
    if (parts.length != SIZE) {
      throw new IllegalArgumentException("not a MAC address: " + text);
    }
    long value = 0;
    for (String part : parts) {
      if (part.isEmpty() || part.length() > 2) {
        throw new IllegalArgumentException("not a MAC address: " + text);
      }
      try {
        value = value << 8 | Integer.parseUnsignedInt(part, 16);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("not a MAC address: " + text, e);
      }
    }
    return new MacAddress(value);
  }

  public static MacAddress of(byte[] bytes) {
    if (bytes.length != SIZE) {
      throw new IllegalArgumentException("MAC address of " + bytes.length + " bytes");
    }
    long value = 0;
    for (byte b : bytes) {
      value = value << 8 | (b & 0xff);
    }
    return new MacAddress(value);
  }

  /** A unicast, locally administered address made from 46 of the given bits. */
  public static MacAddress locallyAdministered(long bits) {
    return new MacAddress((bits & 0xfcff_ffff_ffffL) | 0x0200_0000_0000L);
  }

  public byte[] bytes() {
    var bytes = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      bytes[i] = (byte) (value >>> (40 - 8 * i));
    }
    return bytes;
  }

  @Override
  public String toString() {
    var text = new StringBuilder(17);
    for (byte b : bytes()) {
      text.append(text.isEmpty() ? "" : ":");
      text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return text.toString();
  }
}
