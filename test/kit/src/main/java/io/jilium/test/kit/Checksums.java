// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Internet checksum (RFC 1071), CRC32c for SCTP, and a check of every checksum in a packet. */
public final class Checksums {
  private static final int ETHERNET = 14;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86DD;
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMP6 = 58;
  private static final int SCTP = 132;
  private static final int VXLAN_PORT = 8472;

  private Checksums() {}

  /** The folded, not inverted, 16-bit one's complement sum. */
  static int sum(byte[] data, int from, int to, long start) {
    long sum = start;
    for (int i = from; i < to; i += 2) {
      int low = i + 1 < to ? data[i + 1] & 0xFF : 0;
      sum += (data[i] & 0xFF) << 8 | low;
    }
    while (sum > 0xFFFF) {
      sum = (sum & 0xFFFF) + (sum >>> 16);
    }
    return (int) sum;
  }

  /** What goes into a checksum field. */
  static int internet(byte[] data, int from, int to, long start) {
    return ~sum(data, from, to, start) & 0xFFFF;
  }

  static int pseudo(byte[] source, byte[] destination, int protocol, int length) {
    int start = sum(source, 0, source.length, sum(destination, 0, destination.length, 0));
    byte[] tail = new byte[8];
    PacketBuilder.put32(tail, 0, length);
    tail[7] = (byte) protocol;
    return sum(tail, 0, 8, start);
  }

  /** Says which checksums of an Ethernet frame are wrong; inner packets of VXLAN on 8472 too. */
  public static List<String> faults(byte[] frame) {
    var faults = new ArrayList<String>();
    ethernet(frame, 0, frame.length, faults, "");
    return List.copyOf(faults);
  }

  private static void ethernet(byte[] data, int from, int to, List<String> faults, String where) {
    int type = PacketBuilder.get16(data, from + 12);
    if (type == IPV4) {
      ipv4(data, from + ETHERNET, to, faults, where);
    } else if (type == IPV6) {
      ipv6(data, from + ETHERNET, to, faults, where);
    }
  }

  private static void ipv4(byte[] data, int from, int to, List<String> faults, String where) {
    int header = (data[from] & 0xF) * 4;
    if (sum(data, from, from + header, 0) != 0xFFFF) {
      faults.add(where + "IPv4 header checksum");
    }
    int length = PacketBuilder.get16(data, from + 2);
    boolean fragment = (PacketBuilder.get16(data, from + 6) & 0x3FFF) != 0;
    int end = Math.min(to, from + length);
    if (length != to - from && where.isEmpty()) {
      faults.add("IPv4 length " + length + " of " + (to - from) + " bytes");
    }
    if (!fragment) {
      byte[] source = Arrays.copyOfRange(data, from + 12, from + 16);
      byte[] destination = Arrays.copyOfRange(data, from + 16, from + 20);
      transport(
          data,
          new Span(from + header, end),
          data[from + 9] & 0xFF,
          source,
          destination,
          faults,
          where);
    }
  }

  private static void ipv6(byte[] data, int from, int to, List<String> faults, String where) {
    int length = PacketBuilder.get16(data, from + 4);
    int end = Math.min(to, from + 40 + length);
    if (length + 40 != to - from && where.isEmpty()) {
      faults.add("IPv6 length " + length + " of " + (to - from - 40) + " bytes");
    }
    byte[] source = Arrays.copyOfRange(data, from + 8, from + 24);
    byte[] destination = Arrays.copyOfRange(data, from + 24, from + 40);
    int next = data[from + 6] & 0xFF;
    int at = from + 40;
    while (next == 0 || next == 43 || next == 60) {
      next = data[at] & 0xFF;
      at += 8 * ((data[at + 1] & 0xFF) + 1);
    }
    if (next != 44) {
      transport(data, new Span(at, end), next, source, destination, faults, where);
    }
  }

  private record Span(int from, int to) {
    int length() {
      return to - from;
    }
  }

  private static void transport(
      byte[] data,
      Span span,
      int protocol,
      byte[] source,
      byte[] destination,
      List<String> faults,
      String where) {
    int from = span.from();
    long start = pseudo(source, destination, protocol, span.length());
    switch (protocol) {
      case ICMP -> expect(sum(data, from, span.to(), 0), faults, where + "ICMP checksum");
      case TCP -> expect(sum(data, from, span.to(), start), faults, where + "TCP checksum");
      case ICMP6 -> expect(sum(data, from, span.to(), start), faults, where + "ICMPv6 checksum");
      case SCTP -> {
        if (crc32c(data, from, span.to()) != PacketBuilder.get32(data, from + 8)) {
          faults.add(where + "SCTP checksum");
        }
      }
      case UDP -> {
        boolean absent = PacketBuilder.get16(data, from + 6) == 0 && source.length == 4;
        boolean tunnel = PacketBuilder.get16(data, from + 2) == VXLAN_PORT;
        boolean zero = PacketBuilder.get16(data, from + 6) == 0;
        if (!absent && !(tunnel && zero)) {
          expect(sum(data, from, span.to(), start), faults, where + "UDP checksum");
        }
        if (tunnel) {
          ethernet(data, from + 16, span.to(), faults, where + "inner ");
        }
      }
      default -> {}
    }
  }

  private static void expect(int sum, List<String> faults, String what) {
    if (sum != 0xFFFF) {
      faults.add(what);
    }
  }

  /** SCTP's checksum as it stands in the header, its own field counted as zero. */
  static int crc32c(byte[] data, int from, int to) {
    var crc = new CRC32C();
    crc.update(data, from, 8);
    crc.update(new byte[4]);
    crc.update(data, from + 12, to - from - 12);
    return Integer.reverseBytes((int) crc.getValue());
  }
}
