// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.util.Arrays;
import java.util.Locale;

/**
 * Takes a captured packet apart header by header, with the names and the order of fields that
 * gopacket users know. Stops without complaint where the capture ends.
 */
final class Dissector {
  private static final int VXLAN_PORT = 8472;
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_ARP = 0x0806;
  private static final int ETHERTYPE_IPV6 = 0x86dd;
  private static final int HOP_BY_HOP = 0;
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int ICMPV6 = 58;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int SCTP = 132;

  private final byte[] data;
  private final Packet.Builder packet = new Packet.Builder();
  private int at;

  /** Where the innermost packet ends: the IP header may say less than was captured. */
  private int end;

  Dissector(byte[] data) {
    this.data = data;
    this.end = data.length;
  }

  Packet packet() {
    return packet.build();
  }

  void start(boolean ethernet) {
    if (ethernet) {
      ethernet();
    } else if (has(1)) {
      ip(u8(0) >> 4 == 6);
    }
  }

  private void ethernet() {
    if (!has(14)) {
      return;
    }
    String dst = mac(at);
    String src = mac(at + 6);
    int type = u16(12);
    packet.link(src, dst);
    add(
        "Ethernet",
        14,
        "SrcMAC=%s DstMAC=%s EthernetType=%s Length=0".formatted(src, dst, etherType(type)));
    switch (type) {
      case ETHERTYPE_IPV4 -> ip(false);
      case ETHERTYPE_IPV6 -> ip(true);
      case ETHERTYPE_ARP -> arp();
      default -> packet.innermost(etherType(type));
    }
  }

  private void arp() {
    if (!has(28)) {
      return;
    }
    int operation = u16(6);
    String sender = ip(at + 14, 4);
    String target = ip(at + 24, 4);
    packet.network(sender, target);
    add(
        "ARP",
        28,
        ("AddrType=Ethernet Protocol=%s HwAddressSize=%d ProtAddressSize=%d Operation=%d"
                + " SourceHwAddress=%s SourceProtAddress=%s DstHwAddress=%s DstProtAddress=%s")
            .formatted(
                etherType(u16(2)),
                u8(4),
                u8(5),
                operation,
                mac(at + 8),
                sender,
                mac(at + 18),
                target));
    packet.innermost(operation == 1 ? "ARP request" : operation == 2 ? "ARP reply" : "ARP");
  }

  private void ip(boolean v6) {
    if (v6) {
      ipv6();
    } else {
      ipv4();
    }
  }

  private void ipv4() {
    if (!has(20)) {
      return;
    }
    int header = (u8(0) & 0xf) * 4;
    int length = u16(2);
    int fragment = u16(6);
    int protocol = u8(9);
    if (header < 20 || !has(header)) {
      return;
    }
    String src = ip(at + 12, 4);
    String dst = ip(at + 16, 4);
    packet.network(src, dst);
    end = Math.min(end, at + Math.max(length, header));
    add(
        "IPv4",
        header,
        ("Version=4 IHL=%d TOS=%d Length=%d Id=%d Flags=%s FragOffset=%d TTL=%d Protocol=%s"
                + " Checksum=%d SrcIP=%s DstIP=%s Options=%s Padding=[]")
            .formatted(
                header / 4,
                u8(1),
                length,
                u16(4),
                ipv4Flags(fragment),
                fragment & 0x1fff,
                u8(8),
                protocol(protocol),
                u16(10),
                src,
                dst,
                bytes(at + 20, header - 20)));
    if ((fragment & 0x1fff) != 0) {
      packet.innermost(protocol(protocol).toLowerCase(Locale.ROOT) + " fragment");
    } else {
      transport(protocol);
    }
  }

  private void ipv6() {
    if (!has(40)) {
      return;
    }
    int length = u16(4);
    int next = u8(6);
    String src = ip(at + 8, 16);
    String dst = ip(at + 24, 16);
    packet.network(src, dst);
    end = Math.min(end, at + 40 + length);
    add(
        "IPv6",
        40,
        ("Version=6 TrafficClass=%d FlowLabel=%d Length=%d NextHeader=%s HopLimit=%d SrcIP=%s"
                + " DstIP=%s HopByHop=nil")
            .formatted(
                (u16(0) >> 4) & 0xff,
                (u8(1) & 0xf) << 16 | u16(2),
                length,
                protocol(next),
                u8(7),
                src,
                dst));
    extensions(next);
  }

  private void extensions(int first) {
    int next = first;
    while (next == HOP_BY_HOP
        || next == ROUTING
        || next == DESTINATION_OPTIONS
        || next == FRAGMENT) {
      if (!has(8)) {
        return;
      }
      int following = u8(0);
      if (next == FRAGMENT) {
        int offset = u16(2);
        add(
            "IPv6Fragment",
            8,
            "NextHeader=%s Reserved1=%d FragmentOffset=%d Reserved2=%d MoreFragments=%b Identification=%s"
                .formatted(
                    protocol(following),
                    u8(1),
                    offset >> 3,
                    (offset >> 1) & 3,
                    (offset & 1) != 0,
                    Integer.toUnsignedString(u32(4))));
        if (offset >> 3 != 0) {
          packet.innermost(protocol(following).toLowerCase(Locale.ROOT) + " fragment");
          return;
        }
      } else {
        int size = (u8(1) + 1) * 8;
        if (!has(size)) {
          return;
        }
        add("IPv6" + extension(next), size, "NextHeader=%s".formatted(protocol(following)));
      }
      next = following;
    }
    transport(next);
  }

  private void transport(int protocol) {
    packet.innermost(protocol(protocol));
    switch (protocol) {
      case TCP -> tcp();
      case UDP -> udp();
      case SCTP -> sctp();
      case ICMP -> icmp4();
      case ICMPV6 -> icmp6();
      default -> {
        // No header of it is known: the network layer is the last one shown.
      }
    }
  }

  private void tcp() {
    if (!has(20)) {
      return;
    }
    int size = Math.max(20, (u8(12) >> 4) * 4);
    int available = Math.min(size, end - at);
    var tcp = new TcpHeader(Arrays.copyOfRange(data, at, at + available));
    packet.transport(
        new Packet.Transport(TCP, u16(0), u16(2), true, ("tcp " + tcp.flags()).strip()));
    add("TCP", available, tcp.fields());
  }

  private void udp() {
    if (!has(8)) {
      return;
    }
    int sport = u16(0);
    int dport = u16(2);
    packet.transport(new Packet.Transport(UDP, sport, dport, true, "udp"));
    add(
        "UDP",
        8,
        "SrcPort=%s DstPort=%s Length=%d Checksum=%d"
            .formatted(Names.port(sport), Names.port(dport), u16(4), u16(6)));
    if (dport == VXLAN_PORT && has(8) && (u8(0) & 0x08) != 0) {
      vxlan();
    }
  }

  private void vxlan() {
    add(
        "VXLAN",
        8,
        "ValidIDFlag=true VNI=%d GBPExtension=%b".formatted(u32(4) >>> 8, (u8(0) & 0x80) != 0));
    packet.enterTunnel();
    ethernet();
  }

  private void sctp() {
    if (!has(12)) {
      return;
    }
    int sport = u16(0);
    int dport = u16(2);
    packet.transport(new Packet.Transport(SCTP, sport, dport, true, "sctp"));
    add(
        "SCTP",
        12,
        "SrcPort=%s DstPort=%s VerificationTag=%s Checksum=%s"
            .formatted(
                Names.port(sport),
                Names.port(dport),
                Integer.toUnsignedString(u32(4)),
                Integer.toUnsignedString(u32(8))));
  }

  private void icmp4() {
    if (!has(8)) {
      return;
    }
    int type = u8(0);
    String what = Names.icmp4(type, u8(1));
    int id = u16(4);
    packet.transport(
        new Packet.Transport(ICMP, type == 8 ? id : 0, type == 0 ? id : 0, false, what));
    add("ICMPv4", 8, "TypeCode=%s Checksum=%d Id=%d Seq=%d".formatted(what, u16(2), id, u16(6)));
  }

  private void icmp6() {
    if (!has(4)) {
      return;
    }
    int type = u8(0);
    boolean echo = type == 128 || type == 129;
    String what = Names.icmp6(type, u8(1));
    int id = echo && has(8) ? u16(4) : 0;
    packet.transport(
        new Packet.Transport(ICMPV6, type == 128 ? id : 0, type == 129 ? id : 0, false, what));
    add("ICMPv6", 4, "TypeCode=%s Checksum=%d TypeBytes=[]".formatted(what, u16(2)));
    if (echo && has(4)) {
      add("ICMPv6Echo", 4, "Identifier=%d SeqNumber=%d".formatted(u16(0), u16(2)));
    }
  }

  /** Adds the layer that begins here and moves behind it. */
  private void add(String name, int size, String fields) {
    String contents = bytes(at, size);
    String payload = bytes(at + size, Math.max(0, end - at - size));
    packet.layer(name, "Contents=" + contents + " Payload=" + payload + " " + fields);
    at += size;
  }

  /** A short array is written out, of a long one only its length. */
  private String bytes(int from, int count) {
    if (count > 4) {
      return "[.." + count + "..]";
    }
    var text = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ", ").append(data[from + i] & 0xff);
    }
    return text.append(']').toString();
  }

  private boolean has(int count) {
    return end - at >= count;
  }

  private int u8(int offset) {
    return data[at + offset] & 0xff;
  }

  private int u16(int offset) {
    return u8(offset) << 8 | u8(offset + 1);
  }

  private int u32(int offset) {
    return u16(offset) << 16 | u16(offset + 2);
  }

  private String mac(int from) {
    return MacAddress.ofBytes(Arrays.copyOfRange(data, from, from + 6)).toString();
  }

  private String ip(int from, int size) {
    return IpAddress.ofBytes(Arrays.copyOfRange(data, from, from + size)).toString();
  }

  private static String ipv4Flags(int fragment) {
    boolean dont = (fragment & 0x4000) != 0;
    boolean more = (fragment & 0x2000) != 0;
    return dont && more ? "DF|MF" : dont ? "DF" : more ? "MF" : "";
  }

  private static String extension(int number) {
    return switch (number) {
      case HOP_BY_HOP -> "HopByHop";
      case ROUTING -> "Routing";
      default -> "Destination";
    };
  }

  private static String etherType(int type) {
    return switch (type) {
      case ETHERTYPE_IPV4 -> "IPv4";
      case ETHERTYPE_IPV6 -> "IPv6";
      case ETHERTYPE_ARP -> "ARP";
      default -> "0x%04x".formatted(type);
    };
  }

  private static String protocol(int number) {
    return switch (number) {
      case HOP_BY_HOP -> "IPv6HopByHop";
      case ICMP -> "ICMPv4";
      case TCP -> "TCP";
      case UDP -> "UDP";
      case ROUTING -> "IPv6Routing";
      case FRAGMENT -> "IPv6Fragment";
      case ICMPV6 -> "ICMPv6";
      case DESTINATION_OPTIONS -> "IPv6Destination";
      case SCTP -> "SCTP";
      default -> Integer.toString(number);
    };
  }
}
