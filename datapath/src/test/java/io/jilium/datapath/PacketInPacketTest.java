// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.TCP;
import static io.jilium.datapath.Flows.UDP;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.service.FrontendType;
import io.jilium.datapath.DatapathConfig.DirectReturn;
import io.jilium.datapath.DatapathConfig.Dispatch;
import io.jilium.test.kit.PacketBuilder;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Direct server return by packets inside others: whom a node believes, and what it leaves alone.
 */
@Tag("kernel")
class PacketInPacketTest {
  @RegisterExtension static final PacketLab lab = PacketLab.withDirectReturn();

  private static void serve(Ip ip, int protocol, String address, int port) {
    var rows = lab.services();
    int open = FrontendFlag.FROM_OUTSIDE.number();
    var set = rows.set(protocol, 0, rows.backend(address, port, protocol));
    rows.frontend(ip.balancer(), 80, protocol, FrontendType.LOAD_BALANCER, open, set, set);
  }

  private static PacketBuilder toPod(Ip ip) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.podB);
  }

  private static PacketResult receive(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_NETDEV, lab.eth0, packet.bytes(), outcome);
  }

  @ParameterizedTest
  @EnumSource
  void onlyNodesAreBelieved(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    serve(ip, UDP, ip.podB, 8080);
    for (var sender : List.of(ip.world, ip.remotePod, ip.gateway, ip.podA, ip.node)) {
      var told = new Told(Dispatch.IP_IN_IP, sender);
      var syn = told.service(toPod(ip), ip.balancer(), 80).tcp(1234, 8080).flags("S");
      receive(ip, syn, "shot: Unknown sender");
      var datagram = told.service(toPod(ip), ip.balancer(), 80).udp(1234, 8080).payload(9);
      receive(ip, datagram, "shot: Unknown sender");
    }
    assertThat(lab.datapath().flows().entries()).isEmpty();
    var node = new Told(Dispatch.IP_IN_IP, ip.otherNode);
    receive(
        ip,
        node.service(toPod(ip), ip.balancer(), 80).udp(1234, 8080).payload(9),
        "redirect lxcB>B world:1234 -> podB:8080 udp ttl 63");
    var spoofed = new Told(Dispatch.IP_IN_IP, ip.world);
    receive(
        ip,
        spoofed.service(toPod(ip), ip.balancer(), 80).udp(1234, 8080).payload(9),
        "shot: Unknown sender");
  }

  /** Pods may have tunnels of their own. */
  @ParameterizedTest
  @EnumSource
  void packetInAnotherThatNamesNoServiceArrivesAsItIs(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    var plain = toPod(ip).inAnother(ip.otherNode).tcp(1234, 8080).flags("S");
    var elsewhere = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.otherNode, ip.podB);
    new Told(Dispatch.OPTION, ip.otherNode)
        .service(elsewhere.ip(ip.world, ip.podA), ip.balancer(), 80)
        .tcp(1234, 8080)
        .flags("S");
    for (var packet : List.of(plain, elsewhere)) {
      byte[] sent = packet.bytes();
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, sent);
      assertThat(result.drops()).isEmpty();
      assertThat(result.packet()).hasSize(sent.length);
      assertThat(result.text(ip)).startsWith("redirect lxcB>B");
    }
  }

  @ParameterizedTest
  @EnumSource
  void tunnelsOfServicesAreNobodysWhereNodesAreReachedByVxlan(Ip ip) {
    lab.configure(lab.tunnel());
    serve(ip, TCP, ip.podB, 8080);
    var told = new Told(Dispatch.IP_IN_IP, ip.otherNode);
    byte[] sent = told.service(toPod(ip), ip.balancer(), 80).tcp(1234, 8080).flags("S").bytes();
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, sent).packet()).hasSize(sent.length);
  }

  /** Nobody would take a mark of congestion in that a router put on the outer header. */
  @ParameterizedTest
  @EnumSource
  void classOfTrafficIsTheClientsAndCongestionIsNotMarked(Ip ip) {
    lab.configure(
        lab.nativeRouting().withDirectReturn(DirectReturn.TCP_AND_UDP, Dispatch.IP_IN_IP));
    serve(ip, UDP, ip.remotePod, 5353);
    for (int i = 0; i < 2; i++) {
      var asked =
          PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, ip.balancer()).tos(0xba);
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, asked.udp(1234, 80).payload(3).bytes());
      byte[] packet = result.packet();
      int outer = 14;
      int inner = outer + (ip.isV4() ? 20 : 40);
      assertThat(result.drops()).isEmpty();
      assertThat(trafficClass(ip, packet, outer)).isEqualTo(0xb8);
      assertThat(trafficClass(ip, packet, inner)).isEqualTo(0xba);
    }
  }

  private static int trafficClass(Ip ip, byte[] packet, int at) {
    return ip.isV4()
        ? packet[at + 1] & 0xFF
        : (packet[at] & 0xF) << 4 | (packet[at + 1] & 0xF0) >> 4;
  }

  @ParameterizedTest
  @EnumSource
  void nodeWithoutAnAddressOfTheFamilyAnswersByItself(Ip ip) {
    var config = lab.nativeRouting().withDirectReturn(DirectReturn.TCP_AND_UDP, Dispatch.IP_IN_IP);
    lab.configure(Configs.withoutNodeAddresses(config));
    serve(ip, TCP, ip.remotePod, 8080);
    var asked = PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, ip.balancer());
    receive(
        ip,
        asked.tcp(1234, 80).flags("S"),
        "redirect eth0>other node:1234 -> remotePod:8080 tcp SYN ttl 63");
  }
}
