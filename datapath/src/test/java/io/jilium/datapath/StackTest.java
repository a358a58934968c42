// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.test.kit.PacketBuilder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The node's stack forwards what is not for a pod, and its netfilter translates services: what
 * comes out of the stack goes back to it with its answers, and what never was there does not.
 */
@Tag("kernel")
class StackTest {
  private static final int VERIFIER_LIMIT = 1_000_000;
  private static final String MAC_HOST = "0e:00:00:00:01:01";

  @RegisterExtension static final PacketLab lab = PacketLab.besideNetfilter();

  private static void routed() {
    lab.configure(lab.nativeRouting());
  }

  @Test
  void everyProgramIsVerifiedWithinAFifthOfTheLimit() {
    assertThat(lab.datapath().config().stackForwards()).isTrue();
    assertThat(lab.datapath().programs())
        .hasSize(Hook.values().length)
        .allSatisfy(program ->
            assertThat(program.verifiedInstructions().orElse(0))
                .as(program.program())
                .isLessThan(VERIFIER_LIMIT / 5));
  }

  private static String service(Ip ip) {
    return ip.isV4() ? "10.96.0.10" : "fd00:10:96::a";
  }

  private static PacketBuilder fromA(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, to);
  }

  private static PacketBuilder fromB(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, to);
  }

  /** Out of the stack by cilium_host. */
  private static PacketBuilder fromStack(String from, String to) {
    return PacketBuilder.ethernet(MAC_HOST, MAC_HOST).ip(from, to);
  }

  private static PacketBuilder fromUnderlay(String from, String to) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(from, to);
  }

  private static PacketBuilder tunnelled(String from, String to) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
        .ipv4(Ip.V4.otherNode, Ip.V4.node)
        .udp(51000, 8472)
        .noChecksum()
        .vxlan(PacketLab.IDENTITY_REMOTE)
        .innerEthernet("02:00:00:00:00:05", "02:00:00:00:00:06")
        .ip(from, to);
  }

  private static void podA(Ip ip, PacketBuilder packet, String outcome) {
    lab.expect(ip, Hook.FROM_POD, lab.lxcA, packet.bytes(), outcome);
  }

  private static void podB(Ip ip, PacketBuilder packet, String outcome) {
    lab.expect(ip, Hook.FROM_POD, lab.lxcB, packet.bytes(), outcome);
  }

  private static void stack(Ip ip, PacketBuilder packet, String outcome) {
    lab.expect(ip, Hook.FROM_HOST, lab.host, packet.bytes(), outcome);
  }

  /** The packet goes to the stack, or on by the underlay, as it is. */
  private static PacketResult untouched(Hook hook, int device, PacketBuilder packet) {
    var result = lab.run(hook, device, packet.bytes());
    assertThat(result.action()).as("%s %s", hook, result.drops()).isZero();
    assertThat(result.packet()).isEqualTo(packet.bytes());
    return result;
  }

  private static FlowEntry flow(String from, int port, String to, int toPort, int device) {
    return lab.flow(Flows.key(from, port, to, toPort, device));
  }

  @ParameterizedTest
  @EnumSource
  void serviceWithABackendOnThisNode(Ip ip) {
    for (int i = 0; i < 3; i++) {
      var flags = i == 0 ? "S" : "A";
      var answer = i == 0 ? "SA" : "A";
      var told = i == 0 ? "SYN" : "ACK";
      untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, service(ip)).tcp(9, 80).flags(flags));
      stack(
          ip,
          fromStack(ip.podA, ip.podB).tcp(9, 8080).flags(flags),
          "redirect lxcB>B podA:9 -> podB:8080 tcp " + told + " ttl 63");
      untouched(Hook.FROM_POD, lab.lxcB, fromB(ip, ip.podA).tcp(8080, 9).flags(answer));
      stack(
          ip,
          fromStack(service(ip), ip.podA).tcp(80, 9).flags(answer),
          "redirect lxcA>A %s:80 -> podA:9 tcp %s ttl 63"
              .formatted(Ip.host(service(ip)), i == 0 ? "SYN, ACK" : "ACK"));
    }
    var toBackend = flow(ip.podA, 9, ip.podB, 8080, lab.host);
    assertThat(toBackend.sourceIdentity().value()).isEqualTo(PacketLab.IDENTITY_A);
    assertThat(toBackend.destinationIdentity().value()).isEqualTo(PacketLab.IDENTITY_B);
    assertThat(flow(ip.podB, 8080, ip.podA, 9, lab.lxcB))
        .satisfies(
            answer -> assertThat(answer.has(FlowFlag.REPLY) && answer.has(FlowFlag.STACK)).isTrue())
        .extracting(FlowEntry::packets)
        .isEqualTo(3L);
    assertThat(flow(service(ip), 80, ip.podA, 9, lab.host).has(FlowFlag.REPLY)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void serviceWithABackendBehindTheTunnel(Ip ip) {
    for (int i = 0; i < 3; i++) {
      untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, service(ip)).tcp(9, 80).flags("A"));
      stack(
          ip,
          fromStack(ip.podA, ip.remotePod).tcp(9, 8080).flags("A"),
          ip.names(
              "redirect eth0>other 172.30.0.1 -> 172.30.0.2 vni 1001, %s>%s"
                      .formatted(MAC_HOST, MAC_HOST)
                  + " podA:9 -> remotePod:8080 tcp ACK ttl 64"));
      untouched(
          Hook.FROM_NETDEV, lab.eth0, tunnelled(ip.remotePod, ip.podA).tcp(8080, 9).flags("A"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void answerFromTheTunnelGoesToTheStackThoughItsEntryWasLost(Ip ip) {
    stack(
        ip,
        fromStack(ip.podA, ip.remotePod).tcp(9, 8080).flags("S"),
        ip.names(
            "redirect eth0>other 172.30.0.1 -> 172.30.0.2 vni 1001, %s>%s"
                    .formatted(MAC_HOST, MAC_HOST)
                + " podA:9 -> remotePod:8080 tcp SYN ttl 64"));
    lab.datapath().flows().delete(Flows.key(ip.remotePod, 8080, ip.podA, 9, 0));
    untouched(
        Hook.FROM_NETDEV, lab.eth0, tunnelled(ip.remotePod, ip.podA).tcp(8080, 9).flags("SA"));
  }

  @ParameterizedTest
  @EnumSource
  void serviceWithARoutedBackend(Ip ip) {
    routed();
    for (int i = 0; i < 3; i++) {
      untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, service(ip)).tcp(9, 80).flags("A"));
      untouched(
          Hook.TO_NETDEV,
          lab.eth0,
          PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER)
              .ip(ip.podA, ip.remotePod)
              .tcp(9, 8080)
              .flags("A"));
      untouched(
          Hook.FROM_NETDEV, lab.eth0, fromUnderlay(ip.remotePod, ip.podA).tcp(8080, 9).flags("A"));
      stack(
          ip,
          fromStack(service(ip), ip.podA).tcp(80, 9).flags("A"),
          "redirect lxcA>A %s:80 -> podA:9 tcp ACK ttl 63".formatted(Ip.host(service(ip))));
    }
    var out = flow(ip.podA, 9, ip.remotePod, 8080, lab.host);
    assertThat(out.packets()).isEqualTo(3);
    assertThat(out.sourceIdentity().value()).isEqualTo(PacketLab.IDENTITY_A);
    assertThat(out.destinationIdentity().value()).isEqualTo(PacketLab.IDENTITY_REMOTE);
  }

  @ParameterizedTest
  @EnumSource
  void worldIsMasqueradedOnItsWayOutOfTheStackAndAnsweredThroughIt(Ip ip) {
    for (int i = 0; i < 4; i++) {
      var flags = i == 0 ? "S" : "A";
      untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.world).tcp(9, 80).flags(flags));
      var out =
          lab.run(
              Hook.TO_NETDEV,
              lab.eth0,
              PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY)
                  .ip(ip.podA, ip.world)
                  .tcp(9, 80)
                  .flags(flags)
                  .bytes());
      assertThat(out.faults()).isEmpty();
      int port = flow(ip.podA, 9, ip.world, 80, lab.host).natSourcePort();
      assertThat(port).isBetween(50000, 50999);
      assertThat(out.text(ip))
          .isEqualTo(
              "ok eth0>gateway node:%d -> world:80 tcp %s ttl 64"
                  .formatted(port, i == 0 ? "SYN" : "ACK"));
      lab.expect(
          ip,
          Hook.FROM_NETDEV,
          lab.eth0,
          PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0)
              .ip(ip.world, ip.node)
              .tcp(80, port)
              .flags("A")
              .bytes(),
          "ok gateway>eth0 world:80 -> podA:9 tcp ACK ttl 64");
      stack(
          ip,
          fromStack(ip.world, ip.podA).tcp(80, 9).flags("A"),
          "redirect lxcA>A world:80 -> podA:9 tcp ACK ttl 63");
    }
    var answer = flow(ip.world, 80, ip.podA, 9, lab.host);
    assertThat(answer.has(FlowFlag.REPLY)).isTrue();
    assertThat(answer.packets()).isEqualTo(4);
    var collector = lab.collector();
    assertThat(collector.scrub(Set.of(IpAddress.parse(ip.podA))).deleted()).isEqualTo(4);
    assertThat(lab.datapath().flows().entries()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void nodePortWithTheClientsOwnAddress(Ip ip) {
    for (int i = 0; i < 3; i++) {
      stack(
          ip,
          fromStack(ip.world, ip.podA).tcp(9, 8080).flags("A"),
          "redirect lxcA>A world:9 -> podA:8080 tcp ACK ttl 63");
      untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.world).tcp(8080, 9).flags("A"));
    }
    assertThat(flow(ip.podA, 8080, ip.world, 9, lab.lxcA).has(FlowFlag.REPLY)).isTrue();
    assertThat(flow(ip.world, 9, ip.podA, 8080, lab.host).sourceIdentity().value()).isIn(2, 9, 10);
  }

  @ParameterizedTest
  @EnumSource
  void hairpinUnderTheRoutersAddress(Ip ip) {
    untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, service(ip)).tcp(9, 80).flags("S"));
    stack(
        ip,
        fromStack(ip.router, ip.podA).tcp(9, 8080).flags("S"),
        "redirect lxcA>A router:9 -> podA:8080 tcp SYN ttl 63");
    untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.router).tcp(8080, 9).flags("SA"));
    stack(
        ip,
        fromStack(service(ip), ip.podA).tcp(80, 9).flags("SA"),
        "redirect lxcA>A %s:80 -> podA:9 tcp SYN, ACK ttl 63".formatted(Ip.host(service(ip))));
  }

  @ParameterizedTest
  @EnumSource
  void podsTalkPastTheStack(Ip ip) {
    for (int i = 0; i < 3; i++) {
      lab.datapath().runtime().debug(i == 2);
      podA(
          ip,
          fromA(ip, ip.podB).tcp(9, 80).flags("A"),
          "redirect lxcB>B podA:9 -> podB:80 tcp ACK ttl 63");
      podB(
          ip,
          fromB(ip, ip.podA).tcp(80, 9).flags("A"),
          "redirect lxcA>A podB:80 -> podA:9 tcp ACK ttl 63");
    }
    assertThat(lab.datapath().flows().entries()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void whoReachesAPodByARouteIsAnsweredPastTheStackAndUnmasqueraded(Ip ip) {
    for (int i = 0; i < 3; i++) {
      lab.expect(
          ip,
          Hook.FROM_NETDEV,
          lab.eth0,
          fromUnderlay(ip.world, ip.podA).tcp(9, 8080).flags("A").bytes(),
          "redirect lxcA>A world:9 -> podA:8080 tcp ACK ttl 63");
      podA(
          ip,
          fromA(ip, ip.world).tcp(8080, 9).flags("A"),
          "redirect eth0>gateway podA:8080 -> world:9 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherNodesSeeTheirAnswersThroughTheStack(Ip ip) {
    routed();
    for (int i = 0; i < 3; i++) {
      untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.otherNode).tcp(9, 22).flags("A"));
      untouched(
          Hook.TO_NETDEV,
          lab.eth0,
          PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER)
              .ip(ip.podA, ip.otherNode)
              .tcp(9, 22)
              .flags("A"));
      untouched(
          Hook.FROM_NETDEV, lab.eth0, fromUnderlay(ip.otherNode, ip.podA).tcp(22, 9).flags("A"));
      // The same packet again, behind the stack: another entry.
      stack(
          ip,
          fromStack(ip.otherNode, ip.podA).tcp(22, 9).flags("A"),
          "redirect lxcA>A otherNode:22 -> podA:9 tcp ACK ttl 63");
    }
    assertThat(lab.datapath().flows().entries()).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource
  void portOfAConnectionByTheStackServesAStraightOneLater(Ip ip) {
    stack(
        ip,
        fromStack(ip.podA, ip.podB).tcp(9, 80).flags("S"),
        "redirect lxcB>B podA:9 -> podB:80 tcp SYN ttl 63");
    untouched(Hook.FROM_POD, lab.lxcB, fromB(ip, ip.podA).tcp(80, 9).flags("SA"));
    podA(
        ip,
        fromA(ip, ip.podB).tcp(9, 80).flags("S"),
        "redirect lxcB>B podA:9 -> podB:80 tcp SYN ttl 63");
    podB(
        ip,
        fromB(ip, ip.podA).tcp(80, 9).flags("SA"),
        "redirect lxcA>A podB:80 -> podA:9 tcp SYN, ACK ttl 63");
    stack(
        ip,
        fromStack(ip.podA, ip.podB).tcp(10, 80).flags("S"),
        "redirect lxcB>B podA:10 -> podB:80 tcp SYN ttl 63");
    untouched(Hook.FROM_POD, lab.lxcB, fromB(ip, ip.podA).tcp(80, 10).flags("SA"));
  }

  @ParameterizedTest
  @EnumSource
  void nodesOwnConnectionsPassAsBefore(Ip ip) {
    for (var packet :
        List.of(
            PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER).ip(ip.node, ip.otherNode).tcp(5, 22),
            PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY).ip(ip.node, ip.world).udp(5, 53))) {
      untouched(Hook.TO_NETDEV, lab.eth0, packet);
    }
    untouched(Hook.FROM_NETDEV, lab.eth0, fromUnderlay(ip.otherNode, ip.node).tcp(22, 5));
    untouched(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.node).tcp(9, 10250).flags("S"));
    stack(
        ip,
        fromStack(ip.node, ip.podA).tcp(10250, 9).flags("SA"),
        "redirect lxcA>A node:10250 -> podA:9 tcp SYN, ACK ttl 63");
  }
}
