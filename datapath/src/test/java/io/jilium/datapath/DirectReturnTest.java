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

import io.jilium.core.service.FrontendType;
import io.jilium.datapath.DatapathConfig.DirectReturn;
import io.jilium.datapath.DatapathConfig.Dispatch;
import io.jilium.test.kit.PacketBuilder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Direct server return: this node as the one that a client asks, whose server is elsewhere, and as
 * the server's, which another one tells of the service.
 */
@Tag("kernel")
@ParameterizedClass
@EnumSource(Dispatch.class)
class DirectReturnTest {
  private static final int OPEN = FrontendFlag.FROM_OUTSIDE.number();
  private static final int PORT = 30080;

  @RegisterExtension static final PacketLab lab = PacketLab.withDirectReturn();

  @Parameter Dispatch dispatch = Dispatch.OPTION;

  @BeforeParameterizedClassInvocation
  static void nodesTellEachOtherBy(Dispatch dispatch) {
    lab.dispatch(dispatch);
  }

  private void mode(DirectReturn direct) {
    lab.configure(lab.nativeRouting().withDirectReturn(direct, dispatch));
  }

  private static ServiceRows services() {
    return lab.services();
  }

  /** A node port and a balancer's address, for one backend; all nodes serve the node port. */
  private static void serve(Ip ip, int protocol, String address, int port) {
    var set = services().set(protocol, 0, services().backend(address, port, protocol));
    var any = ip.isV4() ? "0.0.0.0" : "::";
    services().frontend(any, PORT, protocol, FrontendType.NODE_PORT, OPEN, set, set);
    services().frontend(ip.balancer(), 80, protocol, FrontendType.LOAD_BALANCER, OPEN, set, set);
    services().nodeAddress(ip.node, NodeAddressFlag.OWN, NodeAddressFlag.PORTS);
    services().nodeAddress(ip.otherNode, NodeAddressFlag.PORTS);
  }

  private static PacketBuilder client(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, to);
  }

  private static PacketBuilder answer(Ip ip) {
    return PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.world);
  }

  /** What this node says of a packet to another one. */
  private PacketBuilder told(Ip ip, PacketBuilder packet, String service, int port) {
    return new Told(dispatch, ip.node).service(packet, service, port);
  }

  /** What another node says of a packet to this one. */
  private PacketBuilder toldBy(String node, PacketBuilder packet, String service, int port) {
    return new Told(dispatch, node).service(packet, service, port);
  }

  private PacketBuilder fromOtherNode(Ip ip, String service, int port) {
    var packet = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.podB);
    return toldBy(ip.otherNode, packet, service, port);
  }

  private static PacketResult receive(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_NETDEV, lab.eth0, packet.bytes(), outcome);
  }

  private static void answered(Ip ip, PacketBuilder packet, String outcome) {
    lab.expect(ip, Hook.FROM_POD, lab.lxcB, packet.bytes(), outcome);
  }

  /** What this node sends on to the other one. */
  private static PacketBuilder onward(Ip ip) {
    return PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER).ip(ip.world, ip.remotePod).ttl(63);
  }

  private static void forwarded(PacketBuilder received, PacketBuilder sent) {
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, received.bytes());
    assertThat(result.drops()).isEmpty();
    assertThat(result.packet()).isEqualTo(sent.bytes());
  }

  // ---- the node that the client asks ----

  @ParameterizedTest
  @EnumSource
  void firstPacketOfAConnectionNamesTheServiceAndKeepsTheClient(Ip ip) {
    serve(ip, TCP, ip.remotePod, 8080);
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("S"),
        told(ip, onward(ip), ip.node, PORT).tcp(1234, 8080).flags("S"));
    for (int i = 0; i < 3; i++) {
      forwarded(
          client(ip, ip.node).tcp(1234, PORT).flags("A").payload(i),
          onward(ip).tcp(1234, 8080).flags("A").payload(i));
    }
    forwarded(
        client(ip, ip.balancer()).tcp(1235, 80).flags("S"),
        told(ip, onward(ip), ip.balancer(), 80).tcp(1235, 8080).flags("S"));
    assertThat(lab.flow(key(ip, ip.node, 1234, PORT)).has(FlowFlag.DIRECT)).isTrue();
  }

  private static FlowKey key(Ip ip, String to, int from, int port) {
    return new FlowKey(Ip.address(ip.world), Ip.address(to), from, port, 0, TCP);
  }

  @ParameterizedTest
  @EnumSource
  void everyDatagramNamesTheService(Ip ip) {
    serve(ip, UDP, ip.remotePod, 5353);
    for (int i = 0; i < 3; i++) {
      forwarded(
          client(ip, ip.balancer()).udp(1234, 80).payload(i + 9),
          told(ip, onward(ip), ip.balancer(), 80).udp(1234, 5353).payload(i + 9));
    }
  }

  @ParameterizedTest
  @EnumSource
  void hybridIsForConnectionsAlone(Ip ip) {
    mode(DirectReturn.TCP);
    serve(ip, TCP, ip.remotePod, 8080);
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("S"),
        told(ip, onward(ip), ip.node, PORT).tcp(1234, 8080).flags("S"));
    serve(ip, UDP, ip.remotePod, 5353);
    for (int i = 0; i < 3; i++) {
      receive(
          ip,
          client(ip, ip.node).udp(1234, PORT).payload(9),
          "redirect eth0>other node:1234 -> remotePod:5353 udp ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheFirstFragmentNamesTheService(Ip ip) {
    serve(ip, UDP, ip.remotePod, 5353);
    var sent = client(ip, ip.node).udp(1234, PORT).payload(100).fragments(48, 7);
    var expected = onward(ip).udp(1234, 5353).payload(100).fragments(48, 7);
    var first = lab.run(Hook.FROM_NETDEV, lab.eth0, sent.getFirst());
    assertThat(first.packet()).hasSize(expected.getFirst().length + Told.room(dispatch, ip));
    assertThat(
            Arrays.copyOfRange(first.packet(), first.packet().length - 48, first.packet().length))
        .as("the datagram's part, which has its header")
        .endsWith(
            Arrays.copyOfRange(
                sent.getFirst(), sent.getFirst().length - 40, sent.getFirst().length));
    for (int i = 1; i < sent.size(); i++) {
      assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, sent.get(i)).packet())
          .isEqualTo(expected.get(i));
    }
  }

  @ParameterizedTest
  @EnumSource
  void datagramThatTheServiceDoesNotFitIntoIsTooLarge(Ip ip) {
    serve(ip, UDP, ip.remotePod, 5353);
    int headers = ip.isV4() ? 28 : 48;
    int option = Told.room(dispatch, ip);
    for (int i = 0; i < 2; i++) {
      forwarded(
          fixed(ip, client(ip, ip.balancer())).udp(1234, 80).payload(1500 - headers - option),
          told(ip, fixed(ip, onward(ip)), ip.balancer(), 80)
              .udp(1234, 5353)
              .payload(1500 - headers - option));
      var large = fixed(ip, client(ip, ip.balancer())).udp(1234, 80).payload(1500 - headers);
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, large.bytes());
      assertThat(result.text(ip))
          .startsWith("redirect: Fragmentation needed eth0>gateway balancer -> world");
      assertThat(result.faults()).isEmpty();
      int mtu = ByteBuffer.wrap(result.packet()).getShort(14 + (ip.isV4() ? 26 : 46));
      assertThat(mtu).isEqualTo(1500 - option);
    }
  }

  private static PacketBuilder fixed(Ip ip, PacketBuilder packet) {
    return ip.isV4() ? packet.dontFragment() : packet;
  }

  @ParameterizedTest
  @EnumSource
  void secondServiceOfTheSameClientPortAndServerIsAnsweredByThisNode(Ip ip) {
    serve(ip, TCP, ip.remotePod, 8080);
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("S"),
        told(ip, onward(ip), ip.node, PORT).tcp(1234, 8080).flags("S"));
    receive(
        ip,
        client(ip, ip.balancer()).tcp(1234, 80).flags("S"),
        "redirect eth0>other node:1234 -> remotePod:8080 tcp SYN ttl 63");
    receive(
        ip,
        PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
            .ip(ip.remotePod, ip.node)
            .tcp(8080, 1234)
            .flags("SA"),
        "redirect eth0>gateway balancer:80 -> world:1234 tcp SYN, ACK ttl 63");
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("A"), onward(ip).tcp(1234, 8080).flags("A"));
  }

  @ParameterizedTest
  @EnumSource
  void serverOutsideTheClusterAnswersByThisNode(Ip ip) {
    var server = ip.isV4() ? "198.51.100.77" : "fd00:198::77";
    serve(ip, TCP, server, 8080);
    var sent =
        lab.run(Hook.FROM_NETDEV, lab.eth0, client(ip, ip.node).tcp(1234, PORT).flags("S").bytes());
    assertThat(sent.text(ip)).startsWith("redirect eth0>gateway node:1234 -> ");
  }

  @ParameterizedTest
  @EnumSource
  void anotherModeIsForNewFlows(Ip ip) {
    mode(DirectReturn.NONE);
    serve(ip, TCP, ip.remotePod, 8080);
    var translated = "redirect eth0>other node:1234 -> remotePod:8080 tcp %s ttl 63";
    receive(ip, client(ip, ip.node).tcp(1234, PORT).flags("S"), translated.formatted("SYN"));
    mode(DirectReturn.TCP_AND_UDP);
    lab.datapath().runtime().bumpEpoch();
    receive(ip, client(ip, ip.node).tcp(1234, PORT).flags("A"), translated.formatted("ACK"));
    forwarded(
        client(ip, ip.node).tcp(1235, PORT).flags("S"),
        told(ip, onward(ip), ip.node, PORT).tcp(1235, 8080).flags("S"));
    mode(DirectReturn.NONE);
    lab.datapath().runtime().bumpEpoch();
    forwarded(
        client(ip, ip.node).tcp(1235, PORT).flags("A"), onward(ip).tcp(1235, 8080).flags("A"));
  }

  @ParameterizedTest
  @EnumSource
  void connectionThatAnotherNodeHadBeforeGoesOn(Ip ip) {
    serve(ip, TCP, ip.remotePod, 8080);
    forwarded(
        client(ip, ip.balancer()).tcp(1234, 80).flags("A").payload(20),
        told(ip, onward(ip), ip.balancer(), 80).tcp(1234, 8080).flags("A").payload(20));
    int full = 1500 - (ip.isV4() ? 40 : 60);
    forwarded(
        client(ip, ip.balancer()).tcp(1235, 80).flags("A").payload(full),
        onward(ip).tcp(1235, 8080).flags("A").payload(full));
  }

  @ParameterizedTest
  @EnumSource
  void nextConnectionOfAClientsPortGetsAServerThatIsThere(Ip ip) {
    serve(ip, TCP, ip.remotePod, 8080);
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("S"),
        told(ip, onward(ip), ip.node, PORT).tcp(1234, 8080).flags("S"));
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("A"), onward(ip).tcp(1234, 8080).flags("A"));
    services().maps().backends().remove(1);
    serve(ip, TCP, ip.remotePod, 8081);
    lab.datapath().runtime().bumpEpoch();
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("A"), onward(ip).tcp(1234, 8080).flags("A"));
    forwarded(
        client(ip, ip.node).tcp(1234, PORT).flags("S"),
        told(ip, onward(ip), ip.node, PORT).tcp(1234, 8081).flags("S"));
  }

  @ParameterizedTest
  @EnumSource
  void complaintAboutAnAnswerReachesTheServer(Ip ip) {
    serve(ip, TCP, ip.remotePod, 8080);
    lab.run(Hook.FROM_NETDEV, lab.eth0, client(ip, ip.node).tcp(1234, PORT).flags("S").bytes());
    byte[] answer =
        PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY)
            .ip(ip.node, ip.world)
            .tcp(PORT, 1234)
            .flags("A")
            .payload(100)
            .bytes();
    var error =
        PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0)
            .ip(ip.gateway, ip.node)
            .icmp(ip.isV4() ? 3 : 2, ip.isV4() ? 4 : 0, 1300)
            .payload(Arrays.copyOfRange(answer, 14, answer.length));
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, error.bytes());
    assertThat(result.text(ip)).startsWith("redirect eth0>other gateway -> remotePod");
    assertThat(result.faults()).isEmpty();
    assertThat(result.quoted(ip)).startsWith("remotePod:8080 -> world:1234");
  }

  // ---- the server's node ----

  private static final String CLIENT_TO_POD =
      "redirect lxcB>B world:1234 -> podB:8080 tcp %s ttl 63";

  /** The handshake of a connection to the other node's port. */
  private void shakeHands(Ip ip) {
    var syn =
        receive(
            ip,
            fromOtherNode(ip, ip.otherNode, PORT).tcp(1234, 8080).flags("S"),
            CLIENT_TO_POD.formatted("SYN"));
    var plain =
        PacketBuilder.ethernet(MAC_LXC_B, MAC_B)
            .ip(ip.world, ip.podB)
            .ttl(63)
            .tcp(1234, 8080)
            .flags("S");
    assertThat(syn.packet()).as("nothing of it is left").isEqualTo(plain.bytes());
    answered(
        ip,
        answer(ip).tcp(8080, 1234).flags("SA"),
        "redirect eth0>gateway otherNode:30080 -> world:1234 tcp SYN, ACK ttl 63");
  }

  private static PacketBuilder later(Ip ip) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
        .ip(ip.world, ip.podB)
        .tcp(1234, 8080)
        .flags("A")
        .payload(3);
  }

  private void goesOn(Ip ip) {
    receive(ip, later(ip), CLIENT_TO_POD.formatted("ACK"));
    answered(
        ip,
        answer(ip).tcp(8080, 1234).flags("A").payload(5),
        "redirect eth0>gateway otherNode:30080 -> world:1234 tcp ACK ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void answersAreTheServicesAndGoStraightToTheClient(Ip ip) {
    mode(DirectReturn.NONE);
    serve(ip, TCP, ip.podB, 8080);
    shakeHands(ip);
    for (int i = 0; i < 3; i++) {
      goesOn(ip);
    }
    receive(
        ip,
        fromOtherNode(ip, ip.otherNode, PORT).tcp(1234, 8080).flags("S"),
        CLIENT_TO_POD.formatted("SYN"));
    goesOn(ip);
  }

  @ParameterizedTest
  @EnumSource
  void flowOfWhichOneHalfIsLostGoesOn(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    shakeHands(ip);
    var forth = key(ip, ip.podB, 1234, 8080);
    var back = new FlowKey(Ip.address(ip.podB), Ip.address(ip.world), 8080, 1234, lab.lxcB, TCP);
    for (var lost : List.of(forth, back, forth)) {
      lab.flow(lost);
      lab.datapath().flows().delete(lost);
      goesOn(ip);
    }
    lab.datapath().flows().delete(back);
    lab.datapath().runtime().bumpEpoch();
    goesOn(ip);
    lab.datapath().flows().deleteAll(List.of(forth, back));
    receive(
        ip,
        fromOtherNode(ip, ip.otherNode, PORT).tcp(1234, 8080).flags("A"),
        CLIENT_TO_POD.formatted("ACK"));
    goesOn(ip);
  }

  @ParameterizedTest
  @EnumSource
  void datagramsAreAnsweredAsTheServiceThatTheLastOneWasFor(Ip ip) {
    serve(ip, UDP, ip.podB, 5353);
    for (var service : List.of("node", "balancer", "node", "node")) {
      boolean node = service.equals("node");
      receive(
          ip,
          fromOtherNode(ip, node ? ip.otherNode : ip.balancer(), node ? PORT : 80)
              .udp(1234, 5353)
              .payload(9),
          "redirect lxcB>B world:1234 -> podB:5353 udp ttl 63");
      answered(
          ip,
          answer(ip).udp(5353, 1234).payload(4),
          "redirect eth0>gateway %s -> world:1234 udp ttl 63"
              .formatted(node ? "otherNode:30080" : "balancer:80"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void podThatRefusesADatagramDoesSoAsTheService(Ip ip) {
    serve(ip, UDP, ip.podB, 5353);
    var sent =
        receive(
            ip,
            fromOtherNode(ip, ip.otherNode, PORT).udp(1234, 5353).payload(30),
            "redirect lxcB>B world:1234 -> podB:5353 udp ttl 63");
    var error =
        answer(ip)
            .icmp(ip.isV4() ? 3 : 1, ip.isV4() ? 3 : 4, 0)
            .payload(Arrays.copyOfRange(sent.packet(), 14, sent.packet().length));
    var result = lab.run(Hook.FROM_POD, lab.lxcB, error.bytes());
    assertThat(result.text(ip))
        .startsWith("redirect eth0>gateway otherNode -> world DestinationUnreachable");
    assertThat(result.faults()).isEmpty();
    assertThat(result.quoted(ip)).startsWith("world:1234 -> otherNode:30080");
  }

  @ParameterizedTest
  @EnumSource
  void serverInTheNodesOwnNetworkAnswersAsTheService(Ip ip) {
    serve(ip, TCP, ip.node, 6443);
    for (int i = 0; i < 3; i++) {
      var packet = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.node);
      receive(
          ip,
          (i == 0 ? toldBy(ip.otherNode, packet, ip.balancer(), 80) : packet)
              .tcp(1234, 6443)
              .flags(i == 0 ? "S" : "A"),
          "ok other>eth0 world:1234 -> node:6443 tcp %s ttl 64".formatted(i == 0 ? "SYN" : "ACK"));
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
  void addressesAndPortsThatNoServiceHasAreNotBelieved(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    for (var address : List.of(ip.world, ip.balancer(), ip.otherNode)) {
      receive(
          ip,
          fromOtherNode(ip, address, 443).tcp(1234, 8080).flags("S"),
          "shot: Service backend not found");
    }
    var inside = services().set(9, 0, services().backend(ip.podB, 8080, TCP));
    services().clusterIp(ip.service(), 80, TCP, inside);
    receive(
        ip,
        fromOtherNode(ip, ip.service(), 80).tcp(1234, 8080).flags("S"),
        "shot: Service backend not found");
    assertThat(lab.datapath().flows().entries()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void otherOptionsStayInAPacketAndOthersPacketsAsTheyAre(Ip ip) {
    serve(ip, TCP, ip.podB, 8080);
    var packet = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.podB);
    byte[] nothing = new byte[ip.isV4() ? 8 : 22];
    Arrays.fill(nothing, (byte) (ip.isV4() ? 1 : 0));
    packet = ip.isV4() ? packet.ipv4Options(nothing) : packet.destinationOptions(nothing);
    var result = receive(ip, packet.tcp(1234, 8080).flags("S"), CLIENT_TO_POD.formatted("SYN"));
    assertThat(result.packet()).hasSize(14 + (ip.isV4() ? 48 : 84));
    var elsewhere = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.otherNode);
    var passing =
        toldBy(ip.otherNode, elsewhere, ip.balancer(), 80).tcp(1234, 8080).flags("S").bytes();
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, passing).packet()).isEqualTo(passing);
  }
}
