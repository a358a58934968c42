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
import io.jilium.test.kit.Checksums;
import io.jilium.test.kit.PacketBuilder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The program of XDP does to a packet and to the tables what the one of tc does, or leaves both
 * alone.
 */
@Tag("kernel")
class AcceleratedTest {
  private static final int OPEN = FrontendFlag.FROM_OUTSIDE.number();
  private static final int PORT = 30080;
  private static final int PASS = 2;
  private static final int TRANSMIT = 3;
  private static final int REDIRECT = 7;

  @RegisterExtension static final PacketLab lab = PacketLab.withDirectReturn();

  /** A node port and a balancer's address, for one backend. */
  private static void serve(Ip ip, DirectReturn direct, int protocol, String address, int port) {
    serve(
        ip, lab.nativeRouting().withDirectReturn(direct, Dispatch.OPTION), protocol, address, port);
  }

  private static void serve(Ip ip, DatapathConfig config, int protocol, String address, int port) {
    // Else a slow machine looks routes up again meanwhile.
    lab.configure(Configs.lasting(config));
    var services = lab.services();
    var set = services.set(protocol, 0, services.backend(address, port, protocol));
    var any = ip.isV4() ? "0.0.0.0" : "::";
    services.frontend(any, PORT, protocol, FrontendType.NODE_PORT, OPEN, set, set);
    services.frontend(ip.balancer(), 80, protocol, FrontendType.LOAD_BALANCER, OPEN, set, set);
    services.nodeAddress(ip.node, NodeAddressFlag.OWN, NodeAddressFlag.PORTS);
  }

  private static PacketBuilder client(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).ip(ip.world, to);
  }

  private static PacketBuilder server(Ip ip) {
    return PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.remotePod, ip.node);
  }

  private static PacketBuilder segment(PacketBuilder packet, int from, int to, String flags) {
    return packet.tcp(from, to).flags(flags);
  }

  /** The tables as far as a packet of a known flow changes them. */
  private record Tables(Map<FlowKey, FlowEntry> flows, MetricsEntry forwarded, MetricsEntry xdp) {
    static Tables now() {
      var counters = lab.datapath().counters();
      return new Tables(
          Map.copyOf(lab.datapath().flows().entries()),
          counters.get(Counter.FORWARD_EGRESS),
          counters.get(Counter.FORWARD_XDP));
    }

    /** What changed since, but for the time. */
    String since(Tables before) {
      var text = new StringBuilder();
      flows.forEach((key, entry) -> {
        var old = before.flows.get(key);
        if (old == null) {
          text.append("new ").append(key);
        } else if (!entry.equals(old)) {
          text.append(key)
              .append(" packets ")
              .append(entry.packets() - old.packets())
              .append(" bytes ")
              .append(entry.bytes() - old.bytes());
          assertThat(entry.seen() - old.seen()).isNotNegative();
          assertThat(FlowEntryText.constant(entry)).isEqualTo(FlowEntryText.constant(old));
        }
      });
      return text.append("; forwarded ")
          .append(forwarded.packets() - before.forwarded.packets())
          .append(" bytes ")
          .append(forwarded.bytes() - before.forwarded.bytes())
          .toString();
    }
  }

  /** A flow's entry without what each packet changes. */
  private record FlowEntryText(String text) {
    static FlowEntryText constant(FlowEntry entry) {
      return new FlowEntryText(
          entry
              .toString()
              .replaceFirst("packets=.*?, bytes=.*?,", "")
              .replaceFirst("seen=.*?,", ""));
    }
  }

  /** Both programs send the packet on, as the same bytes, and write the same. */
  private static void sameBytes(Ip ip, byte[] packet) {
    var start = Tables.now();
    var byTc = lab.run(Hook.FROM_NETDEV, lab.eth0, packet);
    var between = Tables.now();
    var byXdp = lab.runXdp(lab.eth0, packet);
    var end = Tables.now();
    assertThat(byTc.action()).isEqualTo(REDIRECT);
    assertThat(byXdp.returned()).as("%s", byTc.text(ip)).isEqualTo(TRANSMIT);
    assertThat(byXdp.packet()).as("%s", byTc.text(ip)).isEqualTo(byTc.packet());
    assertThat(Checksums.faults(byXdp.packet())).isEmpty();
    assertThat(end.since(between)).isEqualTo(between.since(start));
    assertThat(between.xdp()).isEqualTo(start.xdp());
    assertThat(end.xdp().packets() - start.xdp().packets()).isEqualTo(1);
    assertThat(end.xdp().bytes() - start.xdp().bytes()).isEqualTo(byXdp.packet().length);
  }

  /** The packet is left to tc, and nothing is touched. */
  private static void passes(String what, byte[] packet) {
    passes(what, lab.eth0, packet);
  }

  private static void passes(String what, int ifindex, byte[] packet) {
    var before = Tables.now();
    var result = lab.runXdp(ifindex, packet);
    assertThat(result.returned()).as(what).isEqualTo(PASS);
    assertThat(result.packet()).as(what).isEqualTo(packet);
    assertThat(Tables.now()).as(what).isEqualTo(before);
  }

  private static void byTc(PacketBuilder packet) {
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes()).drops()).isEmpty();
  }

  /** A connection in both directions, whose segments with ACK and PSH are no news. */
  private static void connection(Ip ip, String to, int from, int port) {
    byTc(segment(client(ip, to), from, port, "S"));
    byTc(segment(client(ip, to), from, port, "AP").payload(1));
    byTc(segment(server(ip), 8080, from, "AP").payload(1));
  }

  @ParameterizedTest
  @EnumSource
  void connectionsGoBothWays(Ip ip) {
    serve(ip, DirectReturn.NONE, TCP, ip.remotePod, 8080);
    connection(ip, ip.node, 1234, PORT);
    connection(ip, ip.balancer(), 1235, 80);
    for (int size : new int[] {0, 1, 2, 500, 1001}) {
      sameBytes(ip, segment(client(ip, ip.node), 1234, PORT, "A").payload(size).bytes());
      sameBytes(ip, segment(client(ip, ip.balancer()), 1235, 80, "AP").payload(size).bytes());
      sameBytes(ip, segment(server(ip), 8080, 1234, "AP").payload(size).bytes());
      sameBytes(ip, segment(server(ip), 8080, 1235, "A").payload(size).bytes());
    }
  }

  @ParameterizedTest
  @EnumSource
  void datagramsGoBothWays(Ip ip) {
    serve(ip, DirectReturn.NONE, UDP, ip.remotePod, 5353);
    byTc(client(ip, ip.balancer()).udp(1234, 80).payload(1));
    byTc(server(ip).udp(5353, 1234).payload(1));
    for (int size : new int[] {0, 1, 2, 500, 1001}) {
      sameBytes(ip, client(ip, ip.balancer()).udp(1234, 80).payload(size).bytes());
      sameBytes(ip, server(ip).udp(5353, 1234).payload(size).bytes());
    }
    sameBytes(ip, client(ip, ip.balancer()).tos(0xb8).ttl(2).udp(1234, 80).payload(7).bytes());
    if (ip.isV4()) {
      sameBytes(ip, client(ip, ip.balancer()).udp(1234, 80).noChecksum().payload(7).bytes());
    }
  }

  @ParameterizedTest
  @EnumSource
  void connectionsThatTheServersNodeAnswersKeepTheClient(Ip ip) {
    serve(ip, DirectReturn.TCP_AND_UDP, TCP, ip.remotePod, 8080);
    byTc(segment(client(ip, ip.node), 1234, PORT, "S"));
    byTc(segment(client(ip, ip.node), 1234, PORT, "AP").payload(1));
    sameBytes(ip, segment(client(ip, ip.node), 1234, PORT, "AP").payload(501).bytes());
  }

  @ParameterizedTest
  @EnumSource
  void datagramsThatTheServersNodeAnswersNameTheirService(Ip ip) {
    for (var dispatch : Dispatch.values()) {
      serve(
          ip,
          lab.nativeRouting().withDirectReturn(DirectReturn.TCP_AND_UDP, dispatch),
          UDP,
          ip.remotePod,
          5353);
      lab.run(Hook.FROM_NETDEV, lab.eth0, client(ip, ip.node).udp(1234, PORT).payload(9).bytes());
      for (int size : new int[] {0, 1, 2, 500, 1001}) {
        sameBytes(ip, client(ip, ip.node).udp(1234, PORT).payload(size).bytes());
      }
      sameBytes(ip, client(ip, ip.node).tos(0xbb).ttl(2).udp(1234, PORT).payload(7).bytes());
      int full = 1500 - (ip.isV4() ? 28 : 48) - Told.room(dispatch, ip);
      sameBytes(ip, client(ip, ip.node).udp(1234, PORT).payload(full).bytes());
      passes("no room", client(ip, ip.node).udp(1234, PORT).payload(full + 1).bytes());
      if (ip.isV4()) {
        sameBytes(ip, client(ip, ip.node).udp(1234, PORT).noChecksum().payload(7).bytes());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void checksumsAreRightWhateverTheBytes(Ip ip) {
    serve(ip, DirectReturn.NONE, UDP, ip.remotePod, 5353);
    var random = new Random(4711);
    byTc(client(ip, ip.balancer()).udp(1234, 80).payload(1));
    byTc(server(ip).udp(5353, 1234).payload(1));
    for (int i = 0; i < 150; i++) {
      byte[] payload = new byte[random.nextInt(64)];
      random.nextBytes(payload);
      sameBytes(
          ip,
          (i % 2 == 0 ? client(ip, ip.balancer()).udp(1234, 80) : server(ip).udp(5353, 1234))
              .payload(payload)
              .bytes());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNewOrOddIsLeftToTc(Ip ip) {
    serve(ip, DirectReturn.NONE, TCP, ip.remotePod, 8080);
    var known = segment(client(ip, ip.node), 1234, PORT, "A").payload(64);
    passes("first packet", segment(client(ip, ip.node), 1234, PORT, "S").bytes());
    connection(ip, ip.node, 1234, PORT);
    sameBytes(ip, known.bytes());
    passes("begins again", segment(client(ip, ip.node), 1234, PORT, "S").bytes());
    passes("ends", segment(client(ip, ip.node), 1234, PORT, "AF").bytes());
    passes("reset", segment(client(ip, ip.node), 1234, PORT, "R").bytes());
    passes("other connection", segment(client(ip, ip.node), 1236, PORT, "A").bytes());
    passes("other device", lab.lxcA, known.bytes());
    passes(
        "somebody else's frame",
        segment(
                PacketBuilder.ethernet(MAC_GATEWAY, MAC_OTHER).ip(ip.world, ip.node),
                1234,
                PORT,
                "A")
            .bytes());
    passes(
        "tagged",
        segment(
                PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).vlan(7).ip(ip.world, ip.node),
                1234,
                PORT,
                "A")
            .bytes());
    passes("last hop", segment(client(ip, ip.node).ttl(1), 1234, PORT, "A").bytes());
    passes("too large", segment(client(ip, ip.node), 1234, PORT, "A").payload(1600).bytes());
    passes("option", segment(withOption(ip), 1234, PORT, "A").bytes());
    for (var fragment :
        segment(client(ip, ip.node), 1234, PORT, "A").payload(100).fragments(48, 7)) {
      passes("fragment", fragment);
    }
    passes("echo", client(ip, ip.node).echo(1, 1).bytes());
    passes("other protocol", client(ip, ip.node).sctp(1234, PORT).bytes());
    passes(
        "neither family",
        PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0).etherType(0x88cc).payload(40).bytes());
    passes("checksum that is not taken yet", unfinished(ip, known.bytes()));
  }

  private static PacketBuilder withOption(Ip ip) {
    var packet = client(ip, ip.node);
    return ip.isV4() ? packet.ipv4Options(new byte[4]) : packet.destinationOptions(new byte[6]);
  }

  /** With the sum of the pseudo header instead of a checksum, as veth devices carry it. */
  private static byte[] unfinished(Ip ip, byte[] packet) {
    int l4 = ip.isV4() ? 34 : 54;
    var buffer = ByteBuffer.wrap(packet.clone());
    int sum = TCP + packet.length - l4;
    for (int at = ip.isV4() ? 26 : 22; at < l4; at += 2) {
      sum += buffer.getShort(at) & 0xffff;
    }
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return buffer.putShort(l4 + 16, (short) sum).array();
  }

  @ParameterizedTest
  @EnumSource
  void whatTcIsToDecideOrToTellIsLeftToIt(Ip ip) {
    serve(ip, DirectReturn.NONE, TCP, ip.remotePod, 8080);
    connection(ip, ip.node, 1234, PORT);
    var packet = segment(client(ip, ip.node), 1234, PORT, "A").payload(64).bytes();
    sameBytes(ip, packet);
    var runtime = lab.datapath().runtime();
    runtime.bumpEpoch();
    passes("decided before the last change", packet);
    lab.run(Hook.FROM_NETDEV, lab.eth0, packet);
    sameBytes(ip, packet);
    runtime.debug(true);
    passes("everything is told", packet);
    runtime.debug(false);
    for (var all : List.of(Aggregation.NONE, Aggregation.LOW)) {
      runtime.aggregation(all, 1 << 30);
      passes("each packet is told", packet);
    }
    runtime.aggregation(Aggregation.MEDIUM, 0);
    passes("it is time to tell", packet);
    runtime.aggregation(Aggregation.MEDIUM, 1 << 30);
    sameBytes(ip, packet);
    lab.configure(Configs.aging(lab.datapath().config(), 0));
    passes("decided long ago", packet);
  }

  @ParameterizedTest
  @EnumSource
  void whatStaysOnTheNodeIsLeftToTc(Ip ip) {
    serve(ip, DirectReturn.NONE, TCP, ip.podB, 8080);
    connection(ip, ip.node, 1234, PORT);
    passes("for a pod", segment(client(ip, ip.node), 1234, PORT, "A").bytes());
    serve(ip, DirectReturn.NONE, TCP, ip.node, 6443);
    byTc(segment(client(ip, ip.balancer()), 1235, 80, "S"));
    byTc(segment(client(ip, ip.balancer()), 1235, 80, "A"));
    passes("for the node", segment(client(ip, ip.balancer()), 1235, 80, "A").bytes());
  }
}
