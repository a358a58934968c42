// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;

/** One header of a packet. */
public sealed interface Layer {
  /** Where the header lies. */
  Span span();

  /**
   * The extent of a header.
   *
   * @param offset of the header in the capture
   * @param header bytes of the header
   * @param payload captured bytes that belong to it and follow the header
   */
  record Span(int offset, int header, int payload) {}

  /** Ethernet II, 802.3 when type is below 1536. */
  record Ethernet(Span span, MacAddress source, MacAddress destination, int type)
      implements Layer {}

  /** 802.1Q tag; type is that of what follows. */
  record Vlan(Span span, int id, int priority, int type) implements Layer {}

  /** ARP for IPv4 over Ethernet; operation 1 asks, 2 answers. */
  record Arp(
      Span span,
      int operation,
      MacAddress senderMac,
      IpAddress sender,
      MacAddress targetMac,
      IpAddress target)
      implements Layer {}

  /** IPv4; the fragment offset counts eight bytes. */
  record Ipv4(
      Span span,
      int tos,
      int length,
      int id,
      boolean dontFragment,
      boolean moreFragments,
      int fragmentOffset,
      int ttl,
      int protocol,
      int checksum,
      IpAddress source,
      IpAddress destination)
      implements Layer {}

  /** IPv6 without its extension headers. */
  record Ipv6(
      Span span,
      int trafficClass,
      int flowLabel,
      int length,
      int nextHeader,
      int hopLimit,
      IpAddress source,
      IpAddress destination)
      implements Layer {}

  /**
   * An IPv6 extension header: hop-by-hop (0), routing (43), authentication (51), destination (60).
   */
  record Ipv6Extension(Span span, int kind, int nextHeader) implements Layer {}

  /** The IPv6 fragment header; the offset counts eight bytes. */
  record Ipv6Fragment(Span span, int nextHeader, int fragmentOffset, boolean moreFragments, long id)
      implements Layer {}

  /** TCP; sequence numbers are unsigned. */
  record Tcp(
      Span span,
      int sourcePort,
      int destinationPort,
      long sequence,
      long acknowledgement,
      int flags,
      int window,
      int checksum,
      int urgent)
      implements Layer {
    public static final int FIN = 1;
    public static final int SYN = 1 << 1;
    public static final int RST = 1 << 2;
    public static final int PSH = 1 << 3;
    public static final int ACK = 1 << 4;
    public static final int URG = 1 << 5;
    public static final int ECE = 1 << 6;
    public static final int CWR = 1 << 7;
    public static final int NS = 1 << 8;

    public boolean has(int flag) {
      return (flags & flag) != 0;
    }
  }

  /** UDP. */
  record Udp(Span span, int sourcePort, int destinationPort, int length, int checksum)
      implements Layer {}

  /** The common header of SCTP. */
  record Sctp(Span span, int sourcePort, int destinationPort, long verificationTag, long checksum)
      implements Layer {}

  /** ICMP; id and sequence are the two words after the checksum, whatever the type. */
  record Icmpv4(Span span, int type, int code, int checksum, int id, int sequence)
      implements Layer {}

  /** ICMPv6; id and sequence are the two words after the checksum, whatever the type. */
  record Icmpv6(Span span, int type, int code, int checksum, int id, int sequence)
      implements Layer {}

  /** VXLAN; Ethernet follows. */
  record Vxlan(Span span, int vni, boolean valid) implements Layer {}
}
