// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** A CIDR: an address with no bits set behind the prefix length. */
public record IpPrefix(IpAddress address, int length) implements Comparable<IpPrefix> {
  /** Refuses bits behind the prefix; {@link #of} clears them. */
  public IpPrefix {
    if (length < 0 || length > address.bitCount()) {
      throw new IllegalArgumentException(
          "\""
              + address
              + "/"
              + length
              + "\" is not a CIDR: the prefix length goes from 0 to "
              + address.bitCount());
    }
    IpAddress network = masked(address, length);
    if (!network.equals(address)) {
      throw new IllegalArgumentException(
          "\""
              + address
              + "/"
              + length
              + "\" is not a CIDR: bits are set behind the prefix; the network is "
              + network
              + "/"
              + length);
    }
  }

  /** The prefix of that length which contains the address. */
  public static IpPrefix of(IpAddress address, int length) {
    if (length < 0 || length > address.bitCount()) {
      return new IpPrefix(address, length);
    }
    return new IpPrefix(masked(address, length), length);
  }

  /** The /32 or /128 of one address. */
  public static IpPrefix host(IpAddress address) {
    return new IpPrefix(address, address.bitCount());
  }

  /** Parses {@code address/length}. */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("\"" + text + "\" is not a CIDR: the /length is missing");
    }
    String digits = text.substring(slash + 1);
    if (digits.isEmpty()
        || digits.length() > 3
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a CIDR: \"" + digits + "\" is not a prefix length");
    }
    IpAddress address;
    try {
      address = IpAddress.parse(text.substring(0, slash));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not a CIDR: " + e.getMessage(), e);
    }
    return new IpPrefix(address, Integer.parseInt(digits));
  }

  private static IpAddress masked(IpAddress address, int length) {
    int bits = address.isV4() ? length + 96 : length;
    long highMask = bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
    long lowMask = bits <= 64 ? 0 : -1L << (128 - bits);
    return new IpAddress(address.high() & highMask, address.low() & lowMask);
  }

  /** Whether this is an IPv4 prefix. */
  public boolean isV4() {
    return address.isV4();
  }

  /** Whether the address lies inside; false for another family. */
  public boolean contains(IpAddress other) {
    return other.isV4() == isV4() && masked(other, length).equals(address);
  }

  /** Whether the whole other prefix lies inside. */
  public boolean contains(IpPrefix other) {
    return other.length >= length && contains(other.address);
  }

  /** Whether both share an address. */
  public boolean overlaps(IpPrefix other) {
    return contains(other) || other.contains(this);
  }

  /** The number of addresses, {@link Long#MAX_VALUE} when it does not fit. */
  public long addressCount() {
    int hostBits = address.bitCount() - length;
    return hostBits >= 63 ? Long.MAX_VALUE : 1L << hostBits;
  }

  /** The highest address. */
  public IpAddress last() {
    int hostBits = address.bitCount() - length;
    long high = hostBits <= 64 ? 0 : hostBits == 128 ? -1L : (1L << (hostBits - 64)) - 1;
    long low = hostBits >= 64 ? -1L : (1L << hostBits) - 1;
    return new IpAddress(address.high() | high, address.low() | low);
  }

  /** The n-th prefix of a greater length within this one, counted from 0. */
  public IpPrefix subnet(int newLength, long index) {
    int bits = newLength - length;
    if (bits < 0 || index < 0 || (bits < 63 && index >= 1L << bits)) {
      throw new IllegalArgumentException(
          "there is no /" + newLength + " number " + index + " in " + this);
    }
    int shift = address.bitCount() - newLength;
    if (shift == 0) {
      return new IpPrefix(address.plus(index), newLength);
    }
    if (shift >= 64) {
      return new IpPrefix(
          new IpAddress(address.high() | index << (shift - 64), address.low()), newLength);
    }
    return new IpPrefix(
        new IpAddress(address.high() | index >>> (64 - shift), address.low() | index << shift),
        newLength);
  }

  /** The netmask as an address: 255.255.255.0 for a /24. */
  public IpAddress mask() {
    return masked(isV4() ? IpAddress.v4(-1) : IpAddress.v6(-1, -1), length);
  }

  @Override
  public int compareTo(IpPrefix other) {
    int order = address.compareTo(other.address);
    return order != 0 ? order : Integer.compare(length, other.length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
