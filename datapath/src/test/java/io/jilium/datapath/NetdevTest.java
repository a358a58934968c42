// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jilium.test.kit.PacketBuilder;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes in from the underlay, plain and tunnelled, and what the node sends to pods. */
@Tag("kernel")
class NetdevTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  static PacketBuilder tunnelled(int vni, String source, String destination) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
        .ipv4(Ip.V4.otherNode, Ip.V4.node)
        .udp(51000, 8472)
        .noChecksum()
        .vxlan(vni)
        .innerEthernet("02:00:00:00:00:05", "02:00:00:00:00:06")
        .ip(source, destination);
  }

  private static PacketBuilder plain(String source, String destination) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(source, destination);
  }

  private static PacketResult expect(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_NETDEV, lab.eth0, packet.bytes(), outcome);
  }

  @ParameterizedTest
  @EnumSource
  void tunnelledPacketGoesStraightToThePod(Ip ip) {
    assumeTrue(PacketLab.unwraps(ip), "IPv6 out of the tunnel by a program");
    for (int i = 0; i < 3; i++) {
      lab.datapath().runtime().debug(i == 2);
      var result =
          expect(
              ip,
              tunnelled(PacketLab.IDENTITY_REMOTE, ip.remotePod, ip.podA).tcp(80, 9).flags("A"),
              "redirect lxcA>A remotePod:80 -> podA:9 tcp ACK ttl 63");
      assertThat(result.events().isEmpty()).as("fast path").isEqualTo(i == 1);
    }
    var flow = lab.flow(Flows.key(ip.remotePod, 80, ip.podA, 9, 0));
    assertThat(flow.sourceIdentity().value()).isEqualTo(PacketLab.IDENTITY_REMOTE);
    assertThat(flow.has(FlowFlag.FROM_TUNNEL)).isTrue();
    assertThat(flow.packets()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void answerToATunnelledPacketGoesBackThroughTheTunnel(Ip ip) {
    assumeTrue(PacketLab.unwraps(ip), "IPv6 out of the tunnel by a program");
    expect(
        ip,
        tunnelled(PacketLab.IDENTITY_REMOTE, ip.remotePod, ip.podA).tcp(80, 9).flags("S"),
        "redirect lxcA>A remotePod:80 -> podA:9 tcp SYN ttl 63");
    var answer = PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.remotePod).tcp(9, 80);
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcA,
        answer.flags("SA").bytes(),
        ip.names(
            "redirect eth0>other 172.30.0.1 -> 172.30.0.2 vni 1001, A>lxcA"
                + " podA:9 -> remotePod:80 tcp SYN, ACK ttl 64"));
    assertThat(lab.flow(Flows.key(ip.podA, 9, ip.remotePod, 80, lab.lxcA)).has(FlowFlag.REPLY))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void anotherSenderIdentityOnAKnownFlowIsDecidedAgain(Ip ip) {
    assumeTrue(PacketLab.unwraps(ip), "IPv6 out of the tunnel by a program");
    expect(
        ip,
        tunnelled(PacketLab.IDENTITY_REMOTE, ip.remotePod, ip.podA).tcp(80, 9).flags("A"),
        "redirect lxcA>A remotePod:80 -> podA:9 tcp ACK ttl 63");
    expect(
        ip,
        tunnelled(3000, ip.remotePod, ip.podA).tcp(80, 9).flags("A"),
        "redirect lxcA>A remotePod:80 -> podA:9 tcp ACK ttl 63");
    assertThat(lab.flow(Flows.key(ip.remotePod, 80, ip.podA, 9, 0)).sourceIdentity().value())
        .isEqualTo(3000);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotForAPodHereIsLeftToTheDevice(Ip ip) {
    for (var to : List.of(ip.node, ip.router, ip.world)) {
      var packet = tunnelled(6, ip.remotePod, to).tcp(80, 9).flags("A");
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
      assertThat(result.action()).isZero();
      assertThat(result.packet()).isEqualTo(packet.bytes());
    }
    lab.datapath().runtime().overlayCapture(true);
    var packet = tunnelled(PacketLab.IDENTITY_REMOTE, ip.remotePod, ip.podA).tcp(80, 9);
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
    assertThat(result.packet()).as("capture").isEqualTo(packet.bytes());
  }

  @ParameterizedTest
  @EnumSource
  void packetsOfTheNodePassUntouched(Ip ip) {
    for (var packet :
        List.of(
            plain(ip.otherNode, ip.node).tcp(5, 22).flags("S"),
            plain(ip.otherNode, ip.node).udp(5, 2379).payload(9),
            plain(ip.otherNode, ip.node).echo(5, 1).payload(9),
            plain(ip.otherNode, ip.node).protocol(50).payload(40),
            plain(ip.otherNode, ip.world).tcp(5, 22).flags("S"))) {
      for (var hook : List.of(Hook.FROM_NETDEV, Hook.TO_NETDEV)) {
        var result = lab.run(hook, lab.eth0, packet.bytes());
        assertThat(result.action()).isZero();
        assertThat(result.packet()).isEqualTo(packet.bytes());
        assertThat(result.events()).isEmpty();
      }
    }
    byte[] arp =
        PacketBuilder.ethernet(MAC_OTHER, "ff:ff:ff:ff:ff:ff")
            .arpRequest(MAC_OTHER, "172.30.0.2", "172.30.0.1")
            .bytes();
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, arp).action()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void routedPacketGoesStraightToThePod(Ip ip) {
    lab.configure(lab.nativeRouting());
    for (int i = 0; i < 3; i++) {
      lab.datapath().runtime().debug(i == 2);
      expect(
          ip,
          plain(ip.remotePod, ip.podA).tcp(80, 9).flags("A"),
          "redirect lxcA>A remotePod:80 -> podA:9 tcp ACK ttl 63");
    }
    expect(
        ip,
        PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, ip.podA).udp(53, 9),
        "redirect lxcA>A world:53 -> podA:9 udp ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void nodeReachesItsPods(Ip ip) {
    for (var from : List.of(ip.router, ip.node)) {
      for (int i = 0; i < 3; i++) {
        lab.datapath().runtime().debug(i == 2);
        var packet =
            PacketBuilder.ethernet("0e:00:00:00:01:01", "0e:00:00:00:01:02").ip(from, ip.podA);
        lab.expect(
            ip,
            Hook.FROM_HOST,
            lab.host,
            packet.tcp(5, 8080).flags("A").bytes(),
            "redirect lxcA>A %s:5 -> podA:8080 tcp ACK ttl 63"
                .formatted(from.equals(ip.node) ? "node" : "router"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nodeReachesPodsOfOtherNodes(Ip ip) {
    var packet =
        PacketBuilder.ethernet("0e:00:00:00:01:01", "0e:00:00:00:01:02")
            .ip(ip.router, ip.remotePod)
            .tcp(5, 8080)
            .flags("S");
    lab.expect(
        ip,
        Hook.FROM_HOST,
        lab.host,
        packet.bytes(),
        ip.names(
            "redirect eth0>other 172.30.0.1 -> 172.30.0.2 vni 6,"
                + " 0e:00:00:00:01:01>0e:00:00:00:01:02 router:5 -> remotePod:8080 tcp SYN ttl 64"));
  }
}
