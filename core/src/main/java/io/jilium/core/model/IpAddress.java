// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Arrays;

/**
 * An IPv4 or IPv6 address. An IPv4-mapped IPv6 address ({@code ::ffff:a.b.c.d}) is the same value
 * as the IPv4 address: the two 64-bit halves always hold the mapped form, as the kernel's shared
 * address union does.
 */
public record IpAddress(long high, long low) implements Comparable<IpAddress> {
  private static final long MAPPED = 0x0000_ffff_0000_0000L;

  /** Parses a literal; names are never resolved. */
  public static IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? IpText.parseV6(text) : IpText.parseV4(text);
  }

  /** Whether {@link #parse} would accept the text. */
  public static boolean isLiteral(String text) {
    try {
      parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** From the 32 bits in host order: 0x7f000001 is 127.0.0.1. */
  public static IpAddress v4(int bits) {
    return new IpAddress(0, MAPPED | (bits & 0xffff_ffffL));
  }

  /** From the two halves of 128 bits in host order. */
  public static IpAddress v6(long high, long low) {
    return new IpAddress(high, low);
  }

  /** From 4 or 16 bytes in network order. */
  public static IpAddress ofBytes(byte[] bytes) {
    return switch (bytes.length) {
      case 4 -> v4((int) bits(bytes, 0, 4));
      case 16 -> new IpAddress(bits(bytes, 0, 8), bits(bytes, 8, 8));
      default ->
          throw new IllegalArgumentException(
              "an address has 4 or 16 bytes, not " + Arrays.toString(bytes));
    };
  }

  private static long bits(byte[] bytes, int from, int count) {
    long bits = 0;
    for (int i = from; i < from + count; i++) {
      bits = bits << 8 | (bytes[i] & 0xff);
    }
    return bits;
  }

  /** Whether this is an IPv4 address. */
  public boolean isV4() {
    return high == 0 && low >>> 32 == 0xffff;
  }

  /** Whether this is an IPv6 address. */
  public boolean isV6() {
    return !isV4();
  }

  /** 32 or 128. */
  public int bitCount() {
    return isV4() ? 32 : 128;
  }

  /** The 32 bits of an IPv4 address in host order. */
  public int v4Bits() {
    if (!isV4()) {
      throw new IllegalArgumentException(this + " is not an IPv4 address");
    }
    return (int) low;
  }

  /** 4 or 16 bytes in network order. */
  public byte[] bytes() {
    byte[] mapped = mappedBytes();
    return isV4() ? Arrays.copyOfRange(mapped, 12, 16) : mapped;
  }

  /** Always 16 bytes in network order, IPv4 in its mapped form. */
  public byte[] mappedBytes() {
    byte[] bytes = new byte[16];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (high >>> (56 - 8 * i));
      bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
    }
    return bytes;
  }

  /** The address that many steps further, wrapping within the family. */
  public IpAddress plus(long steps) {
    if (isV4()) {
      return v4((int) (low + steps));
    }
    long sum = low + steps;
    long carry =
        steps >= 0
            ? (Long.compareUnsigned(sum, low) < 0 ? 1 : 0)
            : (Long.compareUnsigned(sum, low) > 0 ? -1 : 0);
    return new IpAddress(high + carry, sum);
  }

  /** 0.0.0.0 or ::. */
  public boolean isUnspecified() {
    return isV4() ? (int) low == 0 : high == 0 && low == 0;
  }

  /** 127.0.0.0/8 or ::1. */
  public boolean isLoopback() {
    return isV4() ? (int) low >>> 24 == 127 : high == 0 && low == 1;
  }

  /** 169.254.0.0/16 or fe80::/10. */
  public boolean isLinkLocal() {
    return isV4() ? (int) low >>> 16 == 0xa9fe : high >>> 54 == 0xfe80 >>> 6;
  }

  /** 224.0.0.0/4 or ff00::/8. */
  public boolean isMulticast() {
    return isV4() ? (int) low >>> 28 == 0xe : high >>> 56 == 0xff;
  }

  /** Numeric order, IPv4 before IPv6. */
  @Override
  public int compareTo(IpAddress other) {
    if (isV4() != other.isV4()) {
      return isV4() ? -1 : 1;
    }
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  /** Dotted quad, or RFC 5952. */
  @Override
  public String toString() {
    return isV4() ? IpText.formatV4((int) low) : IpText.formatV6(high, low);
  }
}
