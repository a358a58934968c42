// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.TCP;
import static io.jilium.datapath.Flows.UDP;
import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.packet.Layer;
import io.jilium.core.service.FrontendType;
import io.jilium.test.kit.PacketBuilder;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods' packets to services whose sockets did not translate them: there and back. */
@Tag("kernel")
class BalanceTest {
  private static final int SCTP = 132;

  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static ServiceRows services() {
    return lab.services();
  }

  private static PacketBuilder toService(Ip ip) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.service());
  }

  private static PacketResult send(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_POD, lab.lxcA, packet.bytes(), outcome);
  }

  private static PacketResult answerOfB(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_POD, lab.lxcB, packet.bytes(), outcome);
  }

  private static PacketBuilder fromB(Ip ip) {
    return PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.podA);
  }

  private static PacketBuilder fromWire(String source, String destination) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(source, destination);
  }

  private static int backend(String address, int port, int protocol) {
    return services().backend(address, port, protocol);
  }

  /** One service, one backend. */
  private static int serve(Ip ip, int protocol, String address, int port) {
    int backend = backend(address, port, protocol);
    services().clusterIp(ip.service(), 80, protocol, services().set(1, 0, backend));
    return backend;
  }

  @ParameterizedTest
  @EnumSource
  void connectionReachesAPodOfThisNodeAndComesBackAsTheService(Ip ip) {
    int backend = serve(ip, TCP, ip.podB, 8080);
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp SYN ttl 63");
    answerOfB(
        ip,
        fromB(ip).tcp(8080, 40000).flags("SA"),
        "redirect lxcA>A service:80 -> podA:40000 tcp SYN, ACK ttl 63");
    for (int i = 0; i < 3; i++) {
      send(
          ip,
          toService(ip).tcp(40000, 80).flags("A").payload(i),
          "redirect lxcB>B podA:40000 -> podB:8080 tcp ACK ttl 63");
      answerOfB(
          ip,
          fromB(ip).tcp(8080, 40000).flags("A").payload(9),
          "redirect lxcA>A service:80 -> podA:40000 tcp ACK ttl 63");
    }
    assertThat(services().connections(backend)).isEqualTo(1);
    var flow = lab.flow(Flows.key(ip.podA, 40000, ip.service(), 80, lab.lxcA));
    assertThat(flow.has(FlowFlag.SERVICE)).isTrue();
    assertThat(flow.backend()).isEqualTo(backend);
    assertThat(flow.packets()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource
  void connectionReachesAPodOfAnotherNodeThroughTheTunnel(Ip ip) {
    serve(ip, TCP, ip.remotePod, 8080);
    var there =
        "redirect eth0>other node -> otherNode vni 1001, A>lxcA podA:40000 -> remotePod:8080 tcp %s ttl 64";
    send(ip, toService(ip).tcp(40000, 80).flags("S"), expectTunnel(ip, there.formatted("SYN")));
    for (int i = 0; i < 3; i++) {
      var inner =
          PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
              .ipv4(Ip.V4.otherNode, Ip.V4.node)
              .udp(50000, 8472)
              .vxlan(PacketLab.IDENTITY_REMOTE)
              .innerEthernet(MAC_B, MAC_A)
              .ip(ip.remotePod, ip.podA)
              .tcp(8080, 40000)
              .flags(i == 0 ? "SA" : "A");
      if (PacketLab.unwraps(ip)) {
        lab.expect(
            ip,
            Hook.FROM_NETDEV,
            lab.eth0,
            inner.bytes(),
            "redirect lxcA>A service:80 -> podA:40000 tcp %s ttl 63"
                .formatted(i == 0 ? "SYN, ACK" : "ACK"));
      }
      send(
          ip,
          toService(ip).tcp(40000, 80).flags("A").payload(5),
          expectTunnel(ip, there.formatted("ACK")));
    }
  }

  /** Outer addresses are IPv4 whatever is inside. */
  private static String expectTunnel(Ip ip, String text) {
    return ip.isV4()
        ? text
        : text.replace("node -> otherNode", Ip.V4.node + " -> " + Ip.V4.otherNode);
  }

  @ParameterizedTest
  @EnumSource
  void connectionReachesAPodOfAnotherNodeByNativeRouting(Ip ip) {
    lab.configure(lab.nativeRouting());
    serve(ip, UDP, ip.remotePod, 5353);
    for (int i = 0; i < 3; i++) {
      send(
          ip,
          toService(ip).udp(4000, 80).payload(20),
          "redirect eth0>other podA:4000 -> remotePod:5353 udp ttl 63");
      lab.expect(
          ip,
          Hook.FROM_NETDEV,
          lab.eth0,
          fromWire(ip.remotePod, ip.podA).udp(5353, 4000).payload(7).bytes(),
          "redirect lxcA>A service:80 -> podA:4000 udp ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void connectionReachesAServerOfTheNodeItself(Ip ip) {
    serve(ip, TCP, ip.node, 6443);
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "ok A>lxcA podA:40000 -> node:6443 tcp SYN ttl 64");
    var back =
        PacketBuilder.ethernet("0e:00:00:00:01:01", "0e:00:00:00:01:01").ip(ip.node, ip.podA);
    for (int i = 0; i < 3; i++) {
      lab.expect(
          ip,
          Hook.FROM_HOST,
          lab.host,
          back.tcp(6443, 40000).flags(i == 0 ? "SA" : "A").bytes(),
          "redirect lxcA>A service:80 -> podA:40000 tcp %s ttl 63"
              .formatted(i == 0 ? "SYN, ACK" : "ACK"));
      back = PacketBuilder.ethernet("0e:00:00:00:01:01", "0e:00:00:00:01:01").ip(ip.node, ip.podA);
      send(
          ip,
          toService(ip).tcp(40000, 80).flags("A"),
          "ok A>lxcA podA:40000 -> node:6443 tcp ACK ttl 64");
    }
  }

  @ParameterizedTest
  @EnumSource
  void connectionToAServerOfAnotherNodeIsMasqueradedToo(Ip ip) {
    serve(ip, TCP, ip.otherNode, 6443);
    var first = lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).tcp(50005, 80).flags("S").bytes());
    assertThat(first.text(ip))
        .isEqualTo("redirect eth0>other node:50005 -> otherNode:6443 tcp SYN ttl 63");
    assertThat(first.faults()).isEmpty();
    for (int i = 0; i < 3; i++) {
      lab.expect(
          ip,
          Hook.FROM_NETDEV,
          lab.eth0,
          fromWire(ip.otherNode, ip.node).tcp(6443, 50005).flags("A").payload(i).bytes(),
          "redirect lxcA>A service:80 -> podA:50005 tcp ACK ttl 63");
      send(
          ip,
          toService(ip).tcp(50005, 80).flags("A").payload(i),
          "redirect eth0>other node:50005 -> otherNode:6443 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void podReachesItselfThroughItsOwnService(Ip ip) {
    serve(ip, TCP, ip.podA, 8080);
    var nobody = ip.isV4() ? "169.254.42.1" : "64:ff9b:1::a9fe:2a01";
    for (var flags : List.of("S", "A", "A")) {
      var names = flags.equals("S") ? "SYN" : "ACK";
      send(
          ip,
          toService(ip).tcp(40000, 80).flags(flags),
          "redirect lxcA>A %s:40000 -> podA:8080 tcp %s ttl 63".formatted(Ip.host(nobody), names));
      var back =
          PacketBuilder.ethernet(MAC_A, MAC_LXC_A)
              .ip(ip.podA, nobody)
              .tcp(8080, 40000)
              .flags("A")
              .payload(3);
      send(ip, back, "redirect lxcA>A service:80 -> podA:40000 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void serviceWithoutBackendsRefusesAtOnce(Ip ip) {
    services().clusterIp(ip.service(), 80, TCP, services().set(1, 0));
    services().clusterIp(ip.service(), 80, UDP, services().set(2, 0));
    services().clusterIp(ip.service(), 80, SCTP, services().set(3, 0));
    var refused = "redirect: Service backend not found lxcA>A service";
    var reset =
        send(
            ip,
            toService(ip).tcp(40000, 80).flags("S").sequence(1000, 0),
            refused + ":80 -> podA:40000 tcp ACK, RST ttl 64");
    var tcp = reset.decoded().last(Layer.Tcp.class).orElseThrow();
    assertThat(tcp.acknowledgement()).isEqualTo(1001);
    var late =
        send(
            ip,
            toService(ip).tcp(40000, 80).flags("PA").sequence(5, 77).payload(40),
            refused + ":80 -> podA:40000 tcp RST ttl 64");
    assertThat(late.decoded().last(Layer.Tcp.class).orElseThrow().sequence()).isEqualTo(77);
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcA,
        toService(ip).tcp(40000, 80).flags("R").bytes(),
        "shot: Service backend not found");
    var unreachable =
        refused
            + " -> podA DestinationUnreachable(%s) ttl 64"
                .formatted(ip.isV4() ? "Port" : "PortUnreachable");
    var icmp = lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).udp(4000, 80).payload(30).bytes());
    assertThat(icmp.text(ip)).startsWith(refused + " -> podA DestinationUnreachable");
    assertThat(icmp.text(ip)).as(unreachable).containsIgnoringCase("port");
    assertThat(icmp.faults()).isEmpty();
    var sctp = lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).sctp(4000, 80).payload(30).bytes());
    assertThat(sctp.text(ip)).startsWith(refused + " -> podA DestinationUnreachable");
    assertThat(lab.datapath().flows().entries()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void serviceWithBackendsElsewhereOnlyDoesNotAnswer(Ip ip) {
    services().clusterIp(ip.service(), 80, TCP, services().set(1, SetFlag.DROP.number()));
    send(ip, toService(ip).tcp(40000, 80).flags("S"), "shot: Service backend not found");
  }

  @ParameterizedTest
  @EnumSource
  void portThatAClusterAddressDoesNotHaveIsRefused(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    services().whole(ip.service(), FrontendType.CLUSTER_IP);
    send(
        ip,
        toService(ip).tcp(40000, 81).flags("S"),
        "redirect: Service backend not found lxcA>A service:81 -> podA:40000 tcp ACK, RST ttl 64");
    services().whole(ip.balancer(), FrontendType.LOAD_BALANCER);
    var passed =
        PacketBuilder.ethernet(MAC_A, MAC_LXC_A)
            .ip(ip.podA, ip.balancer())
            .tcp(50001, 81)
            .flags("S");
    send(ip, passed, "redirect eth0>gateway node:50001 -> balancer:81 tcp SYN ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void nodePortIsServedAtEveryNodesAddress(Ip ip) {
    int backend = backend(ip.podB, 8080, TCP);
    var set = services().set(1, 0, backend);
    var any = ip.isV4() ? "0.0.0.0" : "::";
    services()
        .frontend(
            any, 30080, TCP, FrontendType.NODE_PORT, FrontendFlag.FROM_OUTSIDE.number(), set, set);
    services().nodeAddress(ip.node, NodeAddressFlag.OWN, NodeAddressFlag.PORTS);
    services().nodeAddress(ip.otherNode, NodeAddressFlag.PORTS);
    int port = 40000;
    for (var address : List.of(ip.node, ip.otherNode)) {
      var packet =
          PacketBuilder.ethernet(MAC_A, MAC_LXC_A)
              .ip(ip.podA, address)
              .tcp(++port, 30080)
              .flags("S");
      send(ip, packet, "redirect lxcB>B podA:%d -> podB:8080 tcp SYN ttl 63".formatted(port));
    }
    var elsewhere =
        PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.world).tcp(50009, 30080).flags("S");
    send(ip, elsewhere, "redirect eth0>gateway node:50009 -> world:30080 tcp SYN ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void sourceRangesDecideWhoMayUseABalancer(Ip ip) {
    var set = services().set(1, 0, backend(ip.podB, 8080, TCP));
    services()
        .frontend(
            ip.service(),
            80,
            TCP,
            FrontendType.LOAD_BALANCER,
            FrontendFlag.RANGES.number(),
            set,
            set);
    send(ip, toService(ip).tcp(40000, 80).flags("S"), "shot: Denied by LB src range check");
    services().range(1, ip.podA + "/" + ip.hostBits());
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp SYN ttl 63");
    int deny = FrontendFlag.RANGES.number() | FrontendFlag.RANGES_DENY.number();
    services().frontend(ip.service(), 80, TCP, FrontendType.LOAD_BALANCER, deny, set, set);
    send(ip, toService(ip).tcp(40001, 80).flags("S"), "shot: Denied by LB src range check");
  }

  @ParameterizedTest
  @EnumSource
  void twoServicesWithTheSameServerAndTheSameClientPortAreToldApart(Ip ip) {
    serve(ip, UDP, ip.podB, 5353);
    services().clusterIp(ip.balancer(), 53, UDP, services().set(2, 0, 1));
    send(
        ip,
        toService(ip).udp(4000, 80).payload(1),
        "redirect lxcB>B podA:4000 -> podB:5353 udp ttl 63");
    var second =
        PacketBuilder.ethernet(MAC_A, MAC_LXC_A)
            .ip(ip.podA, ip.balancer())
            .udp(4000, 53)
            .payload(1);
    var moved = lab.run(Hook.FROM_POD, lab.lxcA, second.bytes());
    int port = moved.decoded().last(Layer.Udp.class).orElseThrow().sourcePort();
    assertThat(port).isNotEqualTo(4000);
    for (int i = 0; i < 2; i++) {
      answerOfB(
          ip,
          fromB(ip).udp(5353, 4000).payload(2),
          "redirect lxcA>A service:80 -> podA:4000 udp ttl 63");
      answerOfB(
          ip,
          fromB(ip).udp(5353, port).payload(2),
          "redirect lxcA>A balancer:53 -> podA:4000 udp ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void sctpKeepsARightChecksumWhenItsPortsChange(Ip ip) {
    serve(ip, SCTP, ip.podB, 36412);
    for (int size = 0; size < 1300; size += 97) {
      send(
          ip,
          toService(ip).sctp(4000, 80).payload(size),
          "redirect lxcB>B podA:4000 -> podB:36412 sctp ttl 63");
      answerOfB(
          ip,
          fromB(ip).sctp(36412, 4000).payload(size),
          "redirect lxcA>A service:80 -> podA:4000 sctp ttl 63");
    }
    var pieces = toService(ip).sctp(4000, 80).payload(1300).fragments(600, 5);
    assertThat(lab.run(Hook.FROM_POD, lab.lxcA, pieces.getFirst()).text(ip))
        .isEqualTo("shot: Error writing to packet");
  }

  @ParameterizedTest
  @EnumSource
  void clientKeepsItsBackendWhileItComesBackInTime(Ip ip) {
    var set = services().set(1, 0, backend(ip.podB, 8080, TCP), backend(ip.remotePod, 8080, TCP));
    services().sticky(ip.service(), 80, TCP, 100, set);
    var backends = new HashSet<Integer>();
    for (int port = 41000; port < 41040; port++) {
      lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).tcp(port, 80).flags("S").bytes());
      backends.add(lab.flow(Flows.key(ip.podA, port, ip.service(), 80, lab.lxcA)).backend());
    }
    assertThat(backends).hasSize(1);
    services().sticky(ip.service(), 80, TCP, 0, set);
    for (int port = 42000; port < 42040; port++) {
      lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).tcp(port, 80).flags("S").bytes());
      backends.add(lab.flow(Flows.key(ip.podA, port, ip.service(), 80, lab.lxcA)).backend());
    }
    assertThat(backends).as("switched off").hasSize(2);
  }
}
