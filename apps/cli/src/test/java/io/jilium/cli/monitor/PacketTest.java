// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Packets taken apart. */
final class PacketTest {
  private static final String TCP_SYN =
      "a876 1f90 44354d0f 00000000 a0 02 faf0 187a 0000 020405b4 0402 080a 4ca40d9d34dc2535 01 030307";

  private static Packet packet(ByteString data) {
    return Packet.of(data.toByteArray(), true);
  }

  private static String layers(Packet packet) {
    return packet.layers().stream().map(Packet.Layer::text).collect(Collectors.joining("\n"))
        + "\n";
  }

  @Test
  void echoOverIpv4() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("0800"),
                Packets.ipv4(1, 64, "10.0.0.85", "10.0.1.124"),
                "0800 517d 0c00 0000",
                Packets.zeros(56)));
    assertThat(layers(packet))
        .isEqualTo(
            """
            Ethernet\t{Contents=[..14..] Payload=[..84..] SrcMAC=ca:0e:fa:6c:0f:30 DstMAC=42:ef:f8:7a:9e:f7 EthernetType=IPv4 Length=0}
            IPv4\t{Contents=[..20..] Payload=[..64..] Version=4 IHL=5 TOS=0 Length=84 Id=45716 Flags=DF FragOffset=0 TTL=62 Protocol=ICMPv4 Checksum=29764 SrcIP=10.0.0.85 DstIP=10.0.1.124 Options=[] Padding=[]}
            ICMPv4\t{Contents=[..8..] Payload=[..56..] TypeCode=EchoRequest Checksum=20861 Id=3072 Seq=0}
            """);
    assertThat(packet.summary()).isEqualTo("10.0.0.85 -> 10.0.1.124 EchoRequest");
  }

  @Test
  void tcpWithOptions() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("0800"),
                Packets.ipv4(6, 40, "10.244.1.22", "10.244.1.78"),
                TCP_SYN));
    assertThat(layers(packet))
        .endsWith(
            "TCP\t{Contents=[..40..] Payload=[] SrcPort=43126 DstPort=8080(http-alt) Seq=1144343823 Ack=0 DataOffset=10"
                + " FIN=false SYN=true RST=false PSH=false ACK=false URG=false ECE=false CWR=false NS=false"
                + " Window=64240 Checksum=6266 Urgent=0 Options=[..5..] Padding=[] Multipath=false}\n");
    assertThat(packet.summary()).isEqualTo("10.244.1.22:43126 -> 10.244.1.78:8080 tcp SYN");
  }

  @Test
  void fewTcpOptionsAreWrittenOut() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("0800"),
                Packets.ipv4(6, 32, "10.0.0.1", "10.0.0.2"),
                "1f90 a876 00000001 00000002 80 11 003f 187a 0000 01 01 080a a7dc1672667e0fd9"));
    assertThat(layers(packet))
        .contains(
            "Options=[TCPOption(NOP:), TCPOption(NOP:), TCPOption(Timestamps:2816218738/1719537625 0xa7dc1672667e0fd9)]");
    assertThat(packet.summary()).isEqualTo("10.0.0.1:8080 -> 10.0.0.2:43126 tcp ACK, FIN");
  }

  @Test
  void udpOverIpv6() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("86dd"),
                Packets.ipv6(17, 12, "fd00::1", "fd00::2"),
                "0035 1388 000c abcd 01020304"));
    assertThat(layers(packet))
        .isEqualTo(
            """
            Ethernet\t{Contents=[..14..] Payload=[..52..] SrcMAC=ca:0e:fa:6c:0f:30 DstMAC=42:ef:f8:7a:9e:f7 EthernetType=IPv6 Length=0}
            IPv6\t{Contents=[..40..] Payload=[..12..] Version=6 TrafficClass=0 FlowLabel=0 Length=12 NextHeader=UDP HopLimit=64 SrcIP=fd00::1 DstIP=fd00::2 HopByHop=nil}
            UDP\t{Contents=[..8..] Payload=[1, 2, 3, 4] SrcPort=53(domain) DstPort=5000 Length=12 Checksum=43981}
            """);
    assertThat(packet.summary()).isEqualTo("[fd00::1]:53 -> [fd00::2]:5000 udp");
  }

  @Test
  void echoOverIpv6() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("86dd"),
                Packets.ipv6(58, 8, "fd00::1", "fd00::2"),
                "80 00 4203 0001 0002"));
    assertThat(layers(packet))
        .endsWith(
            """
            ICMPv6\t{Contents=[128, 0, 66, 3] Payload=[1, 2] TypeCode=EchoRequest Checksum=16899 TypeBytes=[]}
            ICMPv6Echo\t{Contents=[0, 1, 0, 2] Payload=[] Identifier=1 SeqNumber=2}
            """
                .replace("Payload=[1, 2]", "Payload=[0, 1, 0, 2]"));
    assertThat(packet.summary()).isEqualTo("fd00::1 -> fd00::2 EchoRequest");
  }

  @Test
  void encapsulated() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("0800"),
                Packets.ipv4(17, 58, "172.30.0.1", "172.30.0.2"),
                "9c40 2118 003a 0000",
                "08000000 000d18 00",
                Packets.ethernet("0800"),
                Packets.ipv4(1, 8, "10.0.0.85", "10.0.1.124"),
                "0800 517d 0c00 0000"));
    assertThat(packet.layers().stream().map(Packet.Layer::name))
        .containsExactly("Ethernet", "IPv4", "UDP", "VXLAN", "Ethernet", "IPv4", "ICMPv4");
    assertThat(layers(packet)).contains("ValidIDFlag=true VNI=3352");
    assertThat(packet.summary())
        .isEqualTo("10.0.0.85 -> 10.0.1.124 EchoRequest (vxlan 172.30.0.1 -> 172.30.0.2)");
  }

  @Test
  void laterFragmentHasNoPorts() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("0800"),
                "4500 0024 b294 20b9 3e 11 7444 0a000055 0a00017c",
                Packets.zeros(16)));
    assertThat(packet.transport()).isEmpty();
    assertThat(packet.summary()).isEqualTo("10.0.0.85 -> 10.0.1.124 udp fragment");
    assertThat(layers(packet)).contains("Flags=MF FragOffset=185");
  }

  @Test
  void laterFragmentOverIpv6HasNoPorts() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("86dd"),
                Packets.ipv6(44, 16, "fd00::1", "fd00::2"),
                "11 00 05c8 00001234",
                Packets.zeros(8)));
    assertThat(packet.summary()).isEqualTo("fd00::1 -> fd00::2 udp fragment");
    assertThat(layers(packet)).contains("FragmentOffset=185", "Identification=4660");
  }

  @Test
  void neighbourRequests() {
    var packet =
        packet(
            Packets.bytes(
                Packets.ethernet("0806"),
                "0001 0800 06 04 0001 ca0efa6c0f30 0a000055 000000000000 0a000001"));
    assertThat(packet.summary()).isEqualTo("10.0.0.85 -> 10.0.0.1 ARP request");
  }

  @Test
  void anythingElse() {
    assertThat(packet(Packets.bytes(Packets.ethernet("88cc"), "0207")).summary())
        .isEqualTo("ca:0e:fa:6c:0f:30 -> 42:ef:f8:7a:9e:f7 0x88cc");
    assertThat(Packet.of(new byte[0], true).summary()).isEqualTo("[unknown]");
    assertThat(Packet.of(new byte[] {0x45}, false).summary()).isEqualTo("[unknown]");
  }

  @Test
  void everyTruncationIsTakenAsFarAsItReaches() {
    var whole =
        Packets.bytes(
                Packets.ethernet("0800"),
                Packets.ipv4(17, 90, "172.30.0.1", "172.30.0.2"),
                "9c40 2118 003a 0000",
                "08000000 000d18 00",
                Packets.ethernet("0800"),
                Packets.ipv4(6, 40, "10.244.1.22", "10.244.1.78"),
                TCP_SYN)
            .toByteArray();
    for (int length = 0; length <= whole.length; length++) {
      var packet = Packet.of(java.util.Arrays.copyOf(whole, length), true);
      assertThat(packet.summary()).isNotEmpty();
    }
  }
}
