// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import io.jilium.core.model.Protocol;
import java.util.Locale;
import java.util.Map;

/** A layer in one line, in the form that {@code monitor -vv} of Cilium has (gopacket's). */
public final class LayerText {
  private static final Map<Integer, String> ETHER_TYPES =
      Map.of(0x0800, "IPv4", 0x0806, "ARP", 0x8100, "Dot1Q", 0x86DD, "IPv6", 0x88A8, "QinQ");

  private LayerText() {}

  /** Name, tab, fields in braces. */
  public static String line(Layer layer) {
    return name(layer) + "\t{" + contents(layer.span()) + fields(layer) + "}";
  }

  /** The name of the layer's kind. */
  public static String name(Layer layer) {
    return switch (layer) {
      case Layer.Ethernet _ -> "Ethernet";
      case Layer.Vlan _ -> "Dot1Q";
      case Layer.Arp _ -> "ARP";
      case Layer.Ipv4 _ -> "IPv4";
      case Layer.Ipv6 _ -> "IPv6";
      case Layer.Ipv6Extension extension ->
          switch (extension.kind()) {
            case 0 -> "IPv6HopByHop";
            case 43 -> "IPv6Routing";
            case 51 -> "IPSecAH";
            default -> "IPv6Destination";
          };
      case Layer.Ipv6Fragment _ -> "IPv6Fragment";
      case Layer.Tcp _ -> "TCP";
      case Layer.Udp _ -> "UDP";
      case Layer.Sctp _ -> "SCTP";
      case Layer.Icmpv4 _ -> "ICMPv4";
      case Layer.Icmpv6 _ -> "ICMPv6";
      case Layer.Vxlan _ -> "VXLAN";
    };
  }

  private static String contents(Layer.Span span) {
    return "Contents=" + bytes(span.header()) + " Payload=" + bytes(span.payload()) + " ";
  }

  private static String bytes(int count) {
    return count == 0 ? "[]" : "[.." + count + "..]";
  }

  private static String fields(Layer layer) {
    return switch (layer) {
      case Layer.Ethernet ethernet -> ethernet(ethernet);
      case Layer.Vlan v ->
          String.format(
              Locale.ROOT,
              "Priority=%d DropEligible=false VLANIdentifier=%d Type=%s",
              v.priority(),
              v.id(),
              etherType(v.type()));
      case Layer.Arp arp -> arp(arp);
      case Layer.Ipv4 ip -> ipv4(ip);
      case Layer.Ipv6 ip -> ipv6(ip);
      case Layer.Ipv6Extension e -> "NextHeader=" + protocol(e.nextHeader());
      case Layer.Ipv6Fragment f ->
          String.format(
              Locale.ROOT,
              "NextHeader=%s FragmentOffset=%d MoreFragments=%b Identification=%d",
              protocol(f.nextHeader()),
              f.fragmentOffset(),
              f.moreFragments(),
              f.id());
      case Layer.Tcp tcp -> tcp(tcp);
      case Layer.Udp u ->
          String.format(
              Locale.ROOT,
              "SrcPort=%s DstPort=%s Length=%d Checksum=%d",
              u.sourcePort(),
              u.destinationPort(),
              u.length(),
              u.checksum());
      case Layer.Sctp s ->
          String.format(
              Locale.ROOT,
              "SrcPort=%d DstPort=%d VerificationTag=%d Checksum=%d",
              s.sourcePort(),
              s.destinationPort(),
              s.verificationTag(),
              s.checksum());
      case Layer.Icmpv4 i ->
          icmp(IcmpText.v4(i.type(), i.code()), i.checksum(), i.id(), i.sequence());
      case Layer.Icmpv6 i ->
          icmp(IcmpText.v6(i.type(), i.code()), i.checksum(), i.id(), i.sequence());
      case Layer.Vxlan v ->
          "ValidIDFlag="
              + v.valid()
              + " VNI="
              + v.vni()
              + " GBPExtension=false GBPDontLearn=false GBPApplied=false GBPGroupPolicyID=0";
    };
  }

  private static String icmp(String type, int checksum, int id, int sequence) {
    return String.format(
        Locale.ROOT, "TypeCode=%s Checksum=%d Id=%d Seq=%d", type, checksum, id, sequence);
  }

  private static String ethernet(Layer.Ethernet e) {
    return String.format(
        Locale.ROOT,
        "SrcMAC=%s DstMAC=%s EthernetType=%s Length=%d",
        e.source(),
        e.destination(),
        etherType(e.type()),
        e.type() < 1536 ? e.type() : 0);
  }

  private static String arp(Layer.Arp a) {
    return String.format(
        Locale.ROOT,
        "AddrType=Ethernet Protocol=IPv4 HwAddressSize=6 ProtAddressSize=4 Operation=%d"
            + " SourceHwAddress=%s SourceProtAddress=%s DstHwAddress=%s DstProtAddress=%s",
        a.operation(),
        a.senderMac(),
        a.sender(),
        a.targetMac(),
        a.target());
  }

  private static String ipv6(Layer.Ipv6 ip) {
    return String.format(
        Locale.ROOT,
        "Version=6 TrafficClass=%d FlowLabel=%d Length=%d NextHeader=%s HopLimit=%d"
            + " SrcIP=%s DstIP=%s HopByHop=nil",
        ip.trafficClass(),
        ip.flowLabel(),
        ip.length(),
        protocol(ip.nextHeader()),
        ip.hopLimit(),
        ip.source(),
        ip.destination());
  }

  private static String ipv4(Layer.Ipv4 ip) {
    String flags =
        (ip.dontFragment() ? "DF" : "")
            + (ip.dontFragment() && ip.moreFragments() ? "|" : "")
            + (ip.moreFragments() ? "MF" : "");
    return String.format(
        Locale.ROOT,
        "Version=4 IHL=%d TOS=%d Length=%d Id=%d Flags=%s FragOffset=%d TTL=%d Protocol=%s"
            + " Checksum=%d SrcIP=%s DstIP=%s Options=%s Padding=[]",
        ip.span().header() / 4,
        ip.tos(),
        ip.length(),
        ip.id(),
        flags,
        ip.fragmentOffset(),
        ip.ttl(),
        protocol(ip.protocol()),
        ip.checksum(),
        ip.source(),
        ip.destination(),
        bytes(ip.span().header() - 20));
  }

  private static String tcp(Layer.Tcp t) {
    return String.format(
        Locale.ROOT,
        "SrcPort=%d DstPort=%d Seq=%d Ack=%d DataOffset=%d FIN=%b SYN=%b RST=%b PSH=%b ACK=%b"
            + " URG=%b ECE=%b CWR=%b NS=%b Window=%d Checksum=%d Urgent=%d Options=%s Padding=[]",
        t.sourcePort(),
        t.destinationPort(),
        t.sequence(),
        t.acknowledgement(),
        t.span().header() / 4,
        t.has(Layer.Tcp.FIN),
        t.has(Layer.Tcp.SYN),
        t.has(Layer.Tcp.RST),
        t.has(Layer.Tcp.PSH),
        t.has(Layer.Tcp.ACK),
        t.has(Layer.Tcp.URG),
        t.has(Layer.Tcp.ECE),
        t.has(Layer.Tcp.CWR),
        t.has(Layer.Tcp.NS),
        t.window(),
        t.checksum(),
        t.urgent(),
        bytes(t.span().header() - 20));
  }

  private static String etherType(int type) {
    return ETHER_TYPES.getOrDefault(type, String.format(Locale.ROOT, "0x%04x", type));
  }

  private static String protocol(int number) {
    return switch (number) {
      case 0 -> "IPv6HopByHop";
      case 43 -> "IPv6Routing";
      case 44 -> "IPv6Fragment";
      case 59 -> "NoNextHeader";
      case 60 -> "IPv6Destination";
      default -> Protocol.text(number);
    };
  }
}
