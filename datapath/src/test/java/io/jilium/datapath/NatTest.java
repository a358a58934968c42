// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.packet.DecodedPacket;
import io.jilium.core.packet.Layer;
import io.jilium.core.packet.PacketDecoder;
import io.jilium.core.packet.PacketSummary;
import io.jilium.test.kit.Checksums;
import io.jilium.test.kit.PacketBuilder;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods' traffic to the world and back: translation, its ports, and errors about it. */
@Tag("kernel")
class NatTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static PacketBuilder out(Ip ip) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.world);
  }

  private static PacketBuilder back(Ip ip) {
    return PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, ip.node);
  }

  private static PacketResult send(PacketBuilder packet) {
    return lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes());
  }

  private static PacketResult receive(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_NETDEV, lab.eth0, packet.bytes(), outcome);
  }

  private static int sourcePort(PacketResult result) {
    DecodedPacket packet = result.decoded();
    for (var layer : packet.layers()) {
      switch (layer) {
        case Layer.Tcp t -> {
          return t.sourcePort();
        }
        case Layer.Udp u -> {
          return u.sourcePort();
        }
        case Layer.Sctp s -> {
          return s.sourcePort();
        }
        case Layer.Icmpv4 i -> {
          return i.id();
        }
        case Layer.Icmpv6 i -> {
          return i.id();
        }
        default -> {}
      }
    }
    throw new AssertionError("no port: " + packet);
  }

  @ParameterizedTest
  @EnumSource
  void connectionIsTranslatedThereAndBack(Ip ip) {
    var first = send(out(ip).tcp(40000, 80).flags("S"));
    int port = sourcePort(first);
    assertThat(first.text(ip))
        .isEqualTo("redirect eth0>gateway node:%d -> world:80 tcp SYN ttl 63".formatted(port));
    assertThat(first.faults()).isEmpty();
    assertThat(port).isBetween(50000, 50999);
    var answer =
        receive(
            ip,
            back(ip).tcp(80, port).flags("SA"),
            "redirect lxcA>A world:80 -> podA:40000 tcp SYN, ACK ttl 63");
    assertThat(answer.events())
        .anySatisfy(event -> {
          assertThat(event).isInstanceOf(TraceEvent.class);
          assertThat(event.common().destinationIdentity().value()).isEqualTo(1001);
        });
    for (int i = 0; i < 3; i++) {
      var ack = send(out(ip).tcp(40000, 80).flags("A").payload(i));
      assertThat(ack.text(ip))
          .isEqualTo("redirect eth0>gateway node:%d -> world:80 tcp ACK ttl 63".formatted(port));
      assertThat(ack.faults()).isEmpty();
      receive(
          ip,
          back(ip).tcp(80, port).flags("A").payload(11),
          "redirect lxcA>A world:80 -> podA:40000 tcp ACK ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void datagramsAndEchoesAreTranslatedThereAndBack(Ip ip) {
    int udp = sourcePort(send(out(ip).udp(4000, 53).payload(31)));
    receive(
        ip, back(ip).udp(53, udp).payload(7), "redirect lxcA>A world:53 -> podA:4000 udp ttl 63");
    var echo = send(out(ip).echo(0x1234, 9).payload(48));
    int id = sourcePort(echo);
    assertThat(echo.faults()).isEmpty();
    assertThat(id).isBetween(50000, 50999);
    var reply =
        receive(
            ip,
            back(ip).echoReply(id, 9).payload(48),
            "redirect lxcA>A world -> podA EchoReply ttl 63");
    assertThat(sourcePort(reply)).isEqualTo(0x1234);
    int sctp = sourcePort(send(out(ip).sctp(50100, 36412).payload(16)));
    assertThat(sctp).as("its port cannot change").isEqualTo(50100);
    receive(
        ip,
        back(ip).sctp(36412, 50100).payload(16),
        "redirect lxcA>A world:36412 -> podA:50100 sctp ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void datagramWithoutChecksumStaysWithout(Ip ip) {
    if (!ip.isV4()) {
      return;
    }
    var result = send(out(ip).udp(4000, 53).noChecksum().payload(31));
    assertThat(result.decoded().last(Layer.Udp.class).orElseThrow().checksum()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void podsWithTheSamePortGetDifferentOnes(Ip ip) {
    var ports = new HashSet<Integer>();
    for (int port = 40000; port < 40100; port++) {
      ports.add(sourcePort(send(out(ip).udp(port, 53).payload(1))));
      var other =
          PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.world).udp(port, 53).payload(1);
      ports.add(sourcePort(lab.run(Hook.FROM_POD, lab.lxcB, other.bytes())));
    }
    assertThat(ports).hasSize(200);
  }

  @ParameterizedTest
  @EnumSource
  void portsRunOutWithItsOwnReasonAndComeBackWhenCollected(Ip ip) {
    var two =
        new DatapathConfig.Masquerade(true, true, Optional.empty(), Optional.empty(), 50000, 50001);
    lab.configure(
        Configs.with(
            new DatapathConfig.Devices(lab.host, lab.net, lab.vxlan),
            DatapathConfig.Tunnel.VXLAN,
            two));
    assertThat(send(out(ip).udp(1, 53).payload(1)).drops()).isEmpty();
    assertThat(send(out(ip).udp(2, 53).payload(1)).drops()).isEmpty();
    assertThat(send(out(ip).udp(3, 53).payload(1)).text(ip))
        .isEqualTo("shot: No mapping for NAT masquerade");
    try (var clock = KernelClock.open()) {
      var collector = lab.collector();
      var now = clock.jiffies();
      assertThat(collector.collect(ConntrackTimeouts.DEFAULT, now))
          .isEqualTo(new ConntrackCollector.Run(4, 0));
      var later =
          new Jiffies(now.low() + Jiffies.ticks(Duration.ofSeconds(61), now.hz()), now.hz());
      assertThat(collector.collect(ConntrackTimeouts.DEFAULT, later).deleted()).isEqualTo(4);
    }
    assertThat(lab.datapath().flows().entries()).isEmpty();
    assertThat(send(out(ip).udp(3, 53).payload(1)).drops()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void portOfTheNodesOwnConnectionIsNotTaken(Ip ip) {
    var own = PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY).ip(ip.node, ip.world);
    lab.expect(
        ip,
        Hook.TO_NETDEV,
        lab.eth0,
        own.udp(50007, 53).payload(3).bytes(),
        "ok eth0>gateway node:50007 -> world:53 udp ttl 64");
    assertThat(sourcePort(send(out(ip).udp(50007, 53).payload(1)))).isNotEqualTo(50007);
    receive(
        ip,
        back(ip).udp(53, 50007).payload(1),
        "ok gateway>eth0 world:53 -> node:50007 udp ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void nodesConnectionMakesWayForThePortOfAPod(Ip ip) {
    assertThat(sourcePort(send(out(ip).udp(50007, 53).payload(1)))).isEqualTo(50007);
    var own = PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY).ip(ip.node, ip.world).udp(50007, 53);
    var result = lab.run(Hook.TO_NETDEV, lab.eth0, own.payload(5).bytes());
    int port = sourcePort(result);
    assertThat(port).isNotEqualTo(50007);
    assertThat(result.faults()).isEmpty();
    receive(
        ip, back(ip).udp(53, port).payload(1), "ok gateway>eth0 world:53 -> node:50007 udp ttl 64");
    receive(
        ip,
        back(ip).udp(53, 50007).payload(1),
        "redirect lxcA>A world:53 -> podA:50007 udp ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void nativeRangeAndPodsAreNeverTranslated(Ip ip) {
    lab.configure(lab.nativeRouting());
    var packet = PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.remotePod).udp(1, 2);
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcA,
        packet.bytes(),
        "redirect eth0>other podA:1 -> remotePod:2 udp ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void errorAboutATranslatedConnectionReachesThePod(Ip ip) {
    for (var kind : List.of("tcp", "udp", "echo")) {
      var packet =
          switch (kind) {
            case "tcp" -> out(ip).tcp(40000, 80).flags("S");
            case "udp" -> out(ip).udp(40000, 80).payload(20);
            default -> out(ip).echo(40000, 1).payload(20);
          };
      var sent = send(packet);
      byte[] quote = Arrays.copyOfRange(sent.packet(), 14, sent.packet().length);
      var error =
          PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0)
              .ip(ip.gateway, ip.node)
              .icmp(ip.isV4() ? 3 : 1, ip.isV4() ? 1 : 3, 0)
              .payload(quote);
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, error.bytes());
      assertThat(result.text(ip))
          .as(kind)
          .startsWith("redirect lxcA>A gateway -> podA DestinationUnreachable");
      assertThat(result.faults()).as(kind).isEmpty();
      int start = 14 + (ip.isV4() ? 20 : 40) + 8;
      byte[] inner = Arrays.copyOfRange(result.packet(), start, result.packet().length);
      var text = PacketSummary.of(PacketDecoder.ip(inner, OptionalInt.empty()));
      assertThat(ip.names(text))
          .as(kind)
          .startsWith(kind.equals("echo") ? "podA -> world EchoRequest" : "podA:40000 -> world:80");
      assertThat(innerFaults(ip, inner)).as(kind + " quoted").isEmpty();
    }
  }

  /** The quoted packet must be as the pod sent it, but for its TTL: checksums included. */
  private static List<String> innerFaults(Ip ip, byte[] inner) {
    byte[] frame = new byte[14 + inner.length];
    frame[12] = (byte) (ip.isV4() ? 0x08 : 0x86);
    frame[13] = (byte) (ip.isV4() ? 0x00 : 0xDD);
    System.arraycopy(inner, 0, frame, 14, inner.length);
    return Checksums.faults(frame);
  }

  @ParameterizedTest
  @EnumSource
  void packetFromTheWorldForNobodysPortIsTheNodes(Ip ip) {
    receive(
        ip,
        back(ip).tcp(80, 50500).flags("SA"),
        "ok gateway>eth0 world:80 -> node:50500 tcp SYN, ACK ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void connectionsOfAPodThatWentAreScrubbed(Ip ip) {
    send(out(ip).tcp(40000, 80).flags("S"));
    var other = PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.world).udp(9, 53);
    lab.run(Hook.FROM_POD, lab.lxcB, other.payload(1).bytes());
    assertThat(lab.datapath().flows().entries()).hasSize(4);
    var collector = lab.collector();
    assertThat(collector.scrub(Set.of(Ip.address(ip.podA))).deleted()).isEqualTo(2);
    assertThat(lab.datapath().flows().entries().keySet())
        .noneMatch(key -> key.source().equals(Ip.address(ip.podA)))
        .hasSize(2);
  }
}
