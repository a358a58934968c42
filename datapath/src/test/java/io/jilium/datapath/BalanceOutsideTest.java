// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.TCP;
import static io.jilium.datapath.Flows.UDP;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.packet.Layer;
import io.jilium.core.service.FrontendType;
import io.jilium.test.kit.PacketBuilder;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections from outside the cluster to services, by the underlay device: there and back. */
@Tag("kernel")
class BalanceOutsideTest {
  private static final int OPEN = FrontendFlag.FROM_OUTSIDE.number();

  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static ServiceRows services() {
    return lab.services();
  }

  private static PacketBuilder client(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, to);
  }

  private static PacketBuilder wire(String source, String destination) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(source, destination);
  }

  private static PacketResult receive(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_NETDEV, lab.eth0, packet.bytes(), outcome);
  }

  private static PacketResult answerOfB(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_POD, lab.lxcB, packet.bytes(), outcome);
  }

  /** A node port and a balancer's address for one backend. */
  private static void serve(Ip ip, int protocol, String address, int port) {
    var set = services().set(1, 0, services().backend(address, port, protocol));
    expose(ip, protocol, set, OPEN);
  }

  private static void expose(Ip ip, int protocol, BackendSetEntry set, int flags) {
    var any = ip.isV4() ? "0.0.0.0" : "::";
    services().frontend(any, 30080, protocol, FrontendType.NODE_PORT, flags, set, set);
    services().frontend(ip.balancer(), 80, protocol, FrontendType.LOAD_BALANCER, flags, set, set);
    services().nodeAddress(ip.node, NodeAddressFlag.OWN, NodeAddressFlag.PORTS);
  }

  @ParameterizedTest
  @EnumSource
  void podOfThisNodeSeesTheClientItself(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    for (var flags : new String[] {"S", "A", "A"}) {
      var names = flags.equals("S") ? "SYN" : "ACK";
      receive(
          ip,
          client(ip, ip.node).tcp(1234, 30080).flags(flags),
          "redirect lxcB>B world:1234 -> podB:8080 tcp %s ttl 63".formatted(names));
      receive(
          ip,
          client(ip, ip.balancer()).tcp(1235, 80).flags(flags),
          "redirect lxcB>B world:1235 -> podB:8080 tcp %s ttl 63".formatted(names));
      var back = PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.world);
      answerOfB(
          ip,
          back.tcp(8080, 1234).flags("A").payload(4),
          "redirect eth0>gateway node:30080 -> world:1234 tcp ACK ttl 63");
      back = PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.world);
      answerOfB(
          ip,
          back.tcp(8080, 1235).flags("A").payload(4),
          "redirect eth0>gateway balancer:80 -> world:1235 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void podOfAnotherNodeAnswersByThisOneNatively(Ip ip) {
    lab.configure(lab.nativeRouting());
    serve(ip, TCP, ip.remotePod, 8080);
    for (var flags : new String[] {"S", "A", "A"}) {
      var names = flags.equals("S") ? "SYN" : "ACK";
      receive(
          ip,
          client(ip, ip.node).tcp(1234, 30080).flags(flags),
          "redirect eth0>other node:1234 -> remotePod:8080 tcp %s ttl 63".formatted(names));
      receive(
          ip,
          wire(ip.remotePod, ip.node).tcp(8080, 1234).flags("A").payload(3),
          "redirect eth0>gateway node:30080 -> world:1234 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void podOfAnotherNodeAnswersByThisOneThroughTheTunnel(Ip ip) {
    serve(ip, UDP, ip.remotePod, 5353);
    for (int i = 0; i < 3; i++) {
      receive(
          ip,
          client(ip, ip.balancer()).udp(1234, 80).payload(9),
          "redirect eth0>other %s -> %s vni 2, gateway>eth0 router:1234 -> remotePod:5353 udp ttl 64"
              .formatted(
                  ip.isV4() ? "node" : Ip.V4.node, ip.isV4() ? "otherNode" : Ip.V4.otherNode));
      var inner =
          PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
              .ip(ip.remotePod, ip.router)
              .udp(5353, 1234)
              .payload(3);
      var result = lab.run(Hook.FROM_OVERLAY, lab.vxlan, inner.bytes());
      assertThat(result.drops())
          .as("a test run cannot carry the tunnel's key")
          .containsExactly(147);
    }
  }

  @ParameterizedTest
  @EnumSource
  void serverOfThisNodeAnswersAsTheService(Ip ip) {
    serve(ip, TCP, ip.node, 6443);
    for (int i = 0; i < 3; i++) {
      receive(
          ip,
          client(ip, ip.balancer()).tcp(1234, 80).flags(i == 0 ? "S" : "A"),
          "ok gateway>eth0 world:1234 -> node:6443 tcp %s ttl 64"
              .formatted(i == 0 ? "SYN" : "ACK"));
      var back =
          PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY)
              .ip(ip.node, ip.world)
              .tcp(6443, 1234)
              .flags("A")
              .payload(i);
      lab.expect(
          ip,
          Hook.TO_NETDEV,
          lab.eth0,
          back.bytes(),
          "ok eth0>gateway balancer:80 -> world:1234 tcp ACK ttl 64");
    }
  }

  @ParameterizedTest
  @EnumSource
  void serverOfAnotherNodeAnswersByThisOne(Ip ip) {
    serve(ip, TCP, ip.otherNode, 6443);
    for (int i = 0; i < 3; i++) {
      receive(
          ip,
          client(ip, ip.balancer()).tcp(1234, 80).flags(i == 0 ? "S" : "A"),
          "redirect eth0>other node:1234 -> otherNode:6443 tcp %s ttl 63"
              .formatted(i == 0 ? "SYN" : "ACK"));
      receive(
          ip,
          wire(ip.otherNode, ip.node).tcp(6443, 1234).flags("A").payload(i),
          "redirect eth0>gateway balancer:80 -> world:1234 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientsPortThatTheNodeHasItselfIsExchanged(Ip ip) {
    lab.configure(lab.nativeRouting());
    serve(ip, TCP, ip.remotePod, 8080);
    var own =
        PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER)
            .ip(ip.node, ip.remotePod)
            .tcp(1234, 8080)
            .flags("S");
    lab.expect(
        ip,
        Hook.TO_NETDEV,
        lab.eth0,
        own.bytes(),
        "ok eth0>other node:1234 -> remotePod:8080 tcp SYN ttl 64");
    var first =
        lab.run(
            Hook.FROM_NETDEV, lab.eth0, client(ip, ip.node).tcp(1234, 30080).flags("S").bytes());
    int port = first.decoded().last(Layer.Tcp.class).orElseThrow().sourcePort();
    assertThat(port).isNotEqualTo(1234);
    receive(
        ip,
        wire(ip.remotePod, ip.node).tcp(8080, port).flags("SA"),
        "redirect eth0>gateway node:30080 -> world:1234 tcp SYN, ACK ttl 63");
    receive(
        ip,
        wire(ip.remotePod, ip.node).tcp(8080, 1234).flags("SA"),
        "ok other>eth0 remotePod:8080 -> node:1234 tcp SYN, ACK ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void nobodyElsesPortsAndAddressesAreTouched(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    receive(
        ip,
        client(ip, ip.node).tcp(1234, 22).flags("S"),
        "ok gateway>eth0 world:1234 -> node:22 tcp SYN ttl 64");
    receive(
        ip,
        client(ip, ip.node).udp(1234, 30080),
        "ok gateway>eth0 world:1234 -> node:30080 udp ttl 64");
    receive(
        ip,
        client(ip, ip.service()).tcp(1234, 80).flags("S"),
        "ok gateway>eth0 world:1234 -> service:80 tcp SYN ttl 64");
    assertThat(lab.datapath().flows().entries()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatDoesNotServeTheOutsideIsDropped(Ip ip) {
    var set = services().set(1, 0, services().backend(ip.podB, 8080, TCP));
    services().clusterIp(ip.service(), 80, TCP, set);
    receive(ip, client(ip, ip.service()).tcp(1234, 80).flags("S"), "shot: Is a ClusterIP");
    int ranges = OPEN | FrontendFlag.RANGES.number();
    expose(ip, TCP, set, ranges);
    receive(
        ip,
        client(ip, ip.balancer()).tcp(1234, 80).flags("S"),
        "shot: Denied by LB src range check");
    services().range(1, ip.world + "/" + ip.hostBits());
    receive(
        ip,
        client(ip, ip.balancer()).tcp(1234, 80).flags("S"),
        "redirect lxcB>B world:1234 -> podB:8080 tcp SYN ttl 63");
    services().whole(ip.balancer(), FrontendType.LOAD_BALANCER);
    receive(
        ip, client(ip, ip.balancer()).tcp(1234, 81).flags("S"), "shot: Service backend not found");
  }

  @ParameterizedTest
  @EnumSource
  void withoutBackendsTheOutsideIsRefusedOrNotAnswered(Ip ip) {
    expose(ip, TCP, services().set(1, 0), OPEN);
    receive(
        ip,
        client(ip, ip.balancer()).tcp(1234, 80).flags("S"),
        "redirect: Service backend not found eth0>gateway balancer:80 -> world:1234 tcp ACK, RST ttl 64");
    expose(ip, UDP, services().set(2, 0), OPEN);
    var icmp =
        lab.run(
            Hook.FROM_NETDEV, lab.eth0, client(ip, ip.node).udp(1234, 30080).payload(50).bytes());
    assertThat(icmp.text(ip))
        .startsWith(
            "redirect: Service backend not found eth0>gateway node -> world DestinationUnreachable");
    assertThat(icmp.faults()).isEmpty();
    var here = services().set(3, SetFlag.DROP.number());
    var everywhere = services().set(4, 0, services().backend(ip.remotePod, 8080, TCP));
    services()
        .frontend(
            ip.balancer(),
            80,
            TCP,
            FrontendType.LOAD_BALANCER,
            OPEN | FrontendFlag.KEEP_CLIENT.number(),
            everywhere,
            here);
    receive(
        ip, client(ip, ip.balancer()).tcp(1236, 80).flags("S"), "shot: Service backend not found");
  }

  @ParameterizedTest
  @EnumSource
  void podOfAnotherNodeGetsFromAPortThatKeepsClientsWhatTheOutsideGets(Ip ip) {
    lab.configure(lab.nativeRouting());
    var any = ip.isV4() ? "0.0.0.0" : "::";
    int flags = OPEN | FrontendFlag.KEEP_CLIENT.number();
    var everywhere = services().set(1, 0, services().backend(ip.podB, 8080, TCP));
    var none = services().set(2, SetFlag.DROP.number());
    services().frontend(any, 30080, TCP, FrontendType.NODE_PORT, flags, everywhere, none);
    services().nodeAddress(ip.node, NodeAddressFlag.OWN, NodeAddressFlag.PORTS);
    receive(
        ip,
        wire(ip.remotePod, ip.node).tcp(1234, 30080).flags("S"),
        "shot: Service backend not found");
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcA,
        PacketBuilder.ethernet(PacketLab.MAC_A, PacketLab.MAC_LXC_A)
            .ip(ip.podA, ip.node)
            .tcp(1234, 30080)
            .flags("S")
            .bytes(),
        "redirect lxcB>B podA:1234 -> podB:8080 tcp SYN ttl 63");
    var here = services().set(3, 0, services().backend(ip.podB, 8080, TCP));
    services().frontend(any, 30080, TCP, FrontendType.NODE_PORT, flags, everywhere, here);
    receive(
        ip,
        wire(ip.remotePod, ip.node).tcp(1235, 30080).flags("S"),
        "redirect lxcB>B remotePod:1235 -> podB:8080 tcp SYN ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void clientsComplaintReachesTheServerAsOneAboutItsOwnPacket(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    receive(
        ip,
        client(ip, ip.balancer()).tcp(1234, 80).flags("S"),
        "redirect lxcB>B world:1234 -> podB:8080 tcp SYN ttl 63");
    var answer =
        answerOfB(
            ip,
            PacketBuilder.ethernet(MAC_B, MAC_LXC_B)
                .ip(ip.podB, ip.world)
                .tcp(8080, 1234)
                .flags("SA"),
            "redirect eth0>gateway balancer:80 -> world:1234 tcp SYN, ACK ttl 63");
    byte[] quote = Arrays.copyOfRange(answer.packet(), 14, answer.packet().length);
    var error =
        PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0)
            .ip(ip.gateway, ip.balancer())
            .icmp(ip.isV4() ? 3 : 2, ip.isV4() ? 4 : 0, 1300)
            .payload(quote);
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, error.bytes());
    assertThat(result.text(ip)).startsWith("redirect lxcB>B gateway -> podB");
    assertThat(result.faults()).isEmpty();
    assertThat(result.quoted(ip)).startsWith("podB:8080 -> world:1234");
  }

  @ParameterizedTest
  @EnumSource
  void remoteServersRefusalReachesTheClientAsOneOfTheService(Ip ip) {
    lab.configure(lab.nativeRouting());
    serve(ip, UDP, ip.remotePod, 5353);
    var sent =
        receive(
            ip,
            client(ip, ip.balancer()).udp(1234, 80).payload(30),
            "redirect eth0>other node:1234 -> remotePod:5353 udp ttl 63");
    byte[] quote = Arrays.copyOfRange(sent.packet(), 14, sent.packet().length);
    var error =
        wire(ip.remotePod, ip.node).icmp(ip.isV4() ? 3 : 1, ip.isV4() ? 3 : 4, 0).payload(quote);
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, error.bytes());
    assertThat(result.text(ip))
        .startsWith("redirect eth0>gateway balancer -> world DestinationUnreachable");
    assertThat(result.faults()).isEmpty();
    assertThat(result.quoted(ip)).startsWith("world:1234 -> balancer:80");
  }

  @ParameterizedTest
  @EnumSource
  void packetThatIsTooLargeForTheTunnelIsToldToTheClient(Ip ip) {
    serve(ip, UDP, ip.remotePod, 5353);
    var packet = client(ip, ip.balancer());
    packet = (ip.isV4() ? packet.dontFragment() : packet).udp(1234, 80).payload(1440);
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
    assertThat(result.text(ip))
        .startsWith("redirect: Fragmentation needed eth0>gateway balancer -> world");
    assertThat(result.faults()).isEmpty();
  }
}
