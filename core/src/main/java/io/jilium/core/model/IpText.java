// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** Reads and writes the text of IP addresses (RFC 4291 section 2.2, RFC 5952). */
final class IpText {
  private IpText() {}

  static IpAddress parseV4(String text) {
    return IpAddress.v4(v4Bits(text, text));
  }

  private static int v4Bits(String quad, String whole) {
    String[] parts = quad.split("\\.", -1);
    if (parts.length != 4) {
      throw bad(whole, "IPv4 has four numbers");
    }
    int bits = 0;
    for (String part : parts) {
      bits = bits << 8 | octet(part, whole);
    }
    return bits;
  }

  private static int octet(String part, String whole) {
    if (part.isEmpty() || part.length() > 3 || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw bad(whole, "\"" + part + "\" is not a number from 0 to 255");
    }
    if (part.length() > 1 && part.charAt(0) == '0') {
      throw bad(whole, "\"" + part + "\" has a leading zero");
    }
    int value = Integer.parseInt(part);
    if (value > 255) {
      throw bad(whole, "\"" + part + "\" is not a number from 0 to 255");
    }
    return value;
  }

  static IpAddress parseV6(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      throw bad(text, "\"::\" may stand once");
    }
    int[] front = new int[8];
    int[] back = new int[8];
    int frontCount;
    int backCount = 0;
    if (gap < 0) {
      frontCount = groups(text, text, front);
    } else {
      frontCount = groups(text.substring(0, gap), text, front);
      backCount = groups(text.substring(gap + 2), text, back);
    }
    int total = frontCount + backCount;
    if (gap < 0 ? total != 8 : total > 7) {
      throw bad(text, "IPv6 has eight groups");
    }
    System.arraycopy(back, 0, front, 8 - backCount, backCount);
    long high = 0;
    long low = 0;
    for (int i = 0; i < 4; i++) {
      high = high << 16 | front[i];
      low = low << 16 | front[i + 4];
    }
    return new IpAddress(high, low);
  }

  /** Fills the groups of one side of "::" and returns their number. */
  private static int groups(String side, String whole, int[] into) {
    if (side.isEmpty()) {
      return 0;
    }
    int count = 0;
    String[] parts = side.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      boolean quad = i == parts.length - 1 && part.indexOf('.') >= 0;
      if (count + (quad ? 2 : 1) > 8) {
        throw bad(whole, "IPv6 has eight groups");
      }
      if (quad) {
        int bits = v4Bits(part, whole);
        into[count++] = bits >>> 16;
        into[count++] = bits & 0xffff;
      } else {
        into[count++] = group(part, whole);
      }
    }
    return count;
  }

  private static int group(String part, String whole) {
    int value = 0;
    for (int i = 0; i < part.length(); i++) {
      int digit = part.charAt(i) < 128 ? Character.digit(part.charAt(i), 16) : -1;
      if (digit < 0) {
        throw bad(whole, "\"" + part + "\" is not a hexadecimal group");
      }
      value = value << 4 | digit;
    }
    if (part.isEmpty() || part.length() > 4) {
      throw bad(whole, "\"" + part + "\" is not a group of one to four digits");
    }
    return value;
  }

  private static IllegalArgumentException bad(String text, String why) {
    return new IllegalArgumentException("\"" + text + "\" is not an IP address: " + why);
  }

  static String formatV4(int bits) {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 0xff)
        + "."
        + (bits >>> 8 & 0xff)
        + "."
        + (bits & 0xff);
  }

  static String formatV6(long high, long low) {
    int[] groups = new int[8];
    for (int i = 0; i < 4; i++) {
      groups[i] = (int) (high >>> (48 - 16 * i)) & 0xffff;
      groups[i + 4] = (int) (low >>> (48 - 16 * i)) & 0xffff;
    }
    int gapStart = -1;
    int gapLength = 1;
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && groups[i + run] == 0) {
        run++;
      }
      if (run > gapLength) {
        gapStart = i;
        gapLength = run;
      }
    }
    var text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
