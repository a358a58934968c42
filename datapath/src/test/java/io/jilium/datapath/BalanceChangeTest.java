// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.TCP;
import static io.jilium.datapath.Flows.UDP;
import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.Protocol;
import io.jilium.core.packet.Layer;
import io.jilium.core.packet.PacketDecoder;
import io.jilium.core.packet.PacketSummary;
import io.jilium.core.service.FrontendType;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.PortAddress;
import io.jilium.test.kit.PacketBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a pod's flows to a service when its backends change, fail or are unlucky. */
@Tag("kernel")
class BalanceChangeTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static ServiceRows services() {
    return lab.services();
  }

  private static PacketBuilder toService(Ip ip) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.service());
  }

  private static PacketBuilder toBalancer(Ip ip) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.balancer());
  }

  private static PacketResult send(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_POD, lab.lxcA, packet.bytes(), outcome);
  }

  private static PacketBuilder fromB(Ip ip) {
    return PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.podA);
  }

  private static PacketResult answerOfB(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_POD, lab.lxcB, packet.bytes(), outcome);
  }

  /** The service has these backends from now on. */
  private static void serve(Ip ip, int protocol, int... backends) {
    services().clusterIp(ip.service(), 80, protocol, services().set(1, 0, backends));
    lab.datapath().runtime().bumpEpoch();
  }

  @ParameterizedTest
  @EnumSource
  void establishedConnectionDrainsAndNewOnesMove(Ip ip) {
    lab.configure(lab.nativeRouting());
    int old = services().backend(ip.podB, 8080, TCP);
    serve(ip, TCP, old);
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp SYN ttl 63");
    answerOfB(
        ip,
        fromB(ip).tcp(8080, 40000).flags("SA"),
        "redirect lxcA>A service:80 -> podA:40000 tcp SYN, ACK ttl 63");
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("A"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp ACK ttl 63");
    int fresh = services().backend(ip.remotePod, 8080, TCP);
    serve(ip, TCP, fresh);
    services().maps().backends().remove(old);
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("A").payload(3),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp ACK ttl 63");
    answerOfB(
        ip,
        fromB(ip).tcp(8080, 40000).flags("A").payload(3),
        "redirect lxcA>A service:80 -> podA:40000 tcp ACK ttl 63");
    send(
        ip,
        toService(ip).tcp(40001, 80).flags("S"),
        "redirect eth0>other podA:40001 -> remotePod:8080 tcp SYN ttl 63");
    services().remove(ip.service(), 80, TCP);
    lab.datapath().runtime().bumpEpoch();
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("A").payload(3),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp ACK ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void handshakeWithoutAnAnswerGoesOnElsewhere(Ip ip) {
    lab.configure(lab.nativeRouting());
    int old = services().backend(ip.podB, 8080, TCP);
    serve(ip, TCP, old);
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp SYN ttl 63");
    serve(ip, TCP, services().backend(ip.remotePod, 8080, TCP));
    services().maps().backends().remove(old);
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect eth0>other podA:40000 -> remotePod:8080 tcp SYN ttl 63");
    assertThat(lab.datapath().flows().entries()).as("nothing is left of the old way").hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void datagramsGoToAnotherBackendAtOnce(Ip ip) {
    lab.configure(lab.nativeRouting());
    int old = services().backend(ip.podB, 5353, UDP);
    serve(ip, UDP, old);
    send(
        ip,
        toService(ip).udp(4000, 80).payload(1),
        "redirect lxcB>B podA:4000 -> podB:5353 udp ttl 63");
    int fresh = services().backend(ip.remotePod, 5353, UDP);
    serve(ip, UDP, old, fresh);
    send(
        ip,
        toService(ip).udp(4000, 80).payload(1),
        "redirect lxcB>B podA:4000 -> podB:5353 udp ttl 63");
    serve(ip, UDP, fresh);
    send(
        ip,
        toService(ip).udp(4000, 80).payload(1),
        "redirect eth0>other podA:4000 -> remotePod:5353 udp ttl 63");
    assertThat(lab.datapath().flows().entries()).hasSize(2);
    serve(ip, UDP);
    var refused = lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).udp(4000, 80).payload(1).bytes());
    assertThat(refused.text(ip))
        .startsWith(
            "redirect: Service backend not found lxcA>A service -> podA DestinationUnreachable");
    serve(ip, UDP, fresh);
    send(
        ip,
        toService(ip).udp(4000, 80).payload(1),
        "redirect eth0>other podA:4000 -> remotePod:5353 udp ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void connectionsOfAnAddressThatBecomesAServicesGoOnAndDatagramsDoNot(Ip ip) {
    lab.configure(lab.nativeRouting());
    var plain = "redirect eth0>gateway node:50100 -> balancer:80 tcp %s ttl 63";
    send(ip, toBalancer(ip).tcp(50100, 80).flags("S"), plain.formatted("SYN"));
    send(ip, toBalancer(ip).tcp(50100, 80).flags("A"), plain.formatted("ACK"));
    send(
        ip,
        toBalancer(ip).udp(50100, 80).payload(3),
        "redirect eth0>gateway node:50100 -> balancer:80 udp ttl 63");
    for (int protocol : List.of(TCP, UDP)) {
      var set = services().set(protocol, 0, services().backend(ip.podB, 8080, protocol));
      services().clusterIp(ip.balancer(), 80, protocol, set);
    }
    services().whole(ip.balancer(), FrontendType.CLUSTER_IP);
    lab.datapath().runtime().bumpEpoch();
    for (int i = 0; i < 2; i++) {
      send(ip, toBalancer(ip).tcp(50100, 80).flags("A"), plain.formatted("ACK"));
      send(
          ip,
          toBalancer(ip).udp(50100, 80).payload(3),
          "redirect lxcB>B podA:50100 -> podB:8080 udp ttl 63");
    }
  }

  @ParameterizedTest
  @EnumSource
  void portThatIsUsedAgainIsANewConnection(Ip ip) {
    lab.configure(lab.nativeRouting());
    serve(ip, TCP, services().backend(ip.podB, 8080, TCP));
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp SYN ttl 63");
    answerOfB(
        ip,
        fromB(ip).tcp(8080, 40000).flags("RA"),
        "redirect lxcA>A service:80 -> podA:40000 tcp ACK, RST ttl 63");
    serve(ip, TCP, services().backend(ip.remotePod, 8080, TCP));
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect eth0>other podA:40000 -> remotePod:8080 tcp SYN ttl 63");
    assertThat(lab.datapath().flows().entries()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void serversRefusalIsTranslatedBack(Ip ip) {
    serve(ip, UDP, services().backend(ip.podB, 5353, UDP));
    var sent =
        send(
            ip,
            toService(ip).udp(4000, 80).payload(20),
            "redirect lxcB>B podA:4000 -> podB:5353 udp ttl 63");
    byte[] quote = Arrays.copyOfRange(sent.packet(), 14, sent.packet().length);
    var error = fromB(ip).icmp(ip.isV4() ? 3 : 1, ip.isV4() ? 3 : 4, 0).payload(quote);
    var result = lab.run(Hook.FROM_POD, lab.lxcB, error.bytes());
    assertThat(result.text(ip))
        .startsWith("redirect lxcA>A service -> podA DestinationUnreachable");
    assertThat(result.faults()).isEmpty();
    int start = 14 + (ip.isV4() ? 20 : 40) + 8;
    byte[] inner = Arrays.copyOfRange(result.packet(), start, result.packet().length);
    assertThat(ip.names(PacketSummary.of(PacketDecoder.ip(inner, OptionalInt.empty()))))
        .startsWith("podA:4000 -> service:80");
  }

  @ParameterizedTest
  @EnumSource
  void fragmentsFollowTheFirst(Ip ip) {
    serve(ip, UDP, services().backend(ip.podB, 5353, UDP));
    var pieces = toService(ip).udp(4000, 80).payload(3000).fragments(1200, 77);
    var first = lab.run(Hook.FROM_POD, lab.lxcA, pieces.get(0));
    assertThat(first.drops()).isEmpty();
    for (var piece : pieces) {
      var result = lab.run(Hook.FROM_POD, lab.lxcA, piece);
      assertThat(result.text(ip)).startsWith("redirect lxcB>B podA").contains("-> podB");
    }
    services().whole(ip.service(), FrontendType.CLUSTER_IP);
    var stray = toService(ip).udp(4000, 80).payload(3000).fragments(1200, 78);
    assertThat(lab.run(Hook.FROM_POD, lab.lxcA, stray.get(1)).text(ip))
        .isEqualTo("shot: First logical datagram fragment not found");
  }

  @ParameterizedTest
  @EnumSource
  void randomChoiceIsUniform(Ip ip) {
    var backends = new int[10];
    for (int i = 0; i < backends.length; i++) {
      backends[i] = services().backend(ip.podB, 8000 + i, UDP);
    }
    serve(ip, UDP, backends);
    int flows = 2000;
    for (int port = 10000; port < 10000 + flows; port++) {
      lab.run(Hook.FROM_POD, lab.lxcA, toService(ip).udp(port, 80).payload(1).bytes());
    }
    double chi = 0;
    double expected = (double) flows / backends.length;
    for (int backend : backends) {
      double off = services().connections(backend) - expected;
      chi += off * off / expected;
    }
    assertThat(chi)
        .as("chi squared with 9 degrees of freedom; 33.7 is one run in 10,000")
        .isLessThan(33.7);
  }

  /** Serves the balancer's address by Maglev: backends of these weights at ports from 8000 on. */
  private static void serveByMaglev(Ip ip, int... weights) {
    var backends = new int[weights.length];
    var listed = new ArrayList<Maglev.Weighted>();
    for (int i = 0; i < backends.length; i++) {
      backends[i] = services().backend(ip.podB, 8000 + i, TCP);
      var address = new PortAddress(Ip.address(ip.podB), 8000 + i, Protocol.TCP);
      listed.add(new Maglev.Weighted(address, weights[i]));
    }
    var table = new Maglev(ServiceRows.MAGLEV, "JLfvgnHc2kaSUFaI").table(listed);
    var set = services().set(1, SetFlag.MAGLEV.number(), backends);
    services().maps().maglev().put(set.base(), table);
    services()
        .frontend(
            ip.balancer(),
            80,
            TCP,
            FrontendType.LOAD_BALANCER,
            FrontendFlag.FROM_OUTSIDE.number(),
            set,
            set);
  }

  @ParameterizedTest
  @EnumSource
  void maglevGivesBackendsTheirWeight(Ip ip) {
    serveByMaglev(ip, 300, 100);
    int flows = 1000;
    int heavy = 0;
    for (int port = 30000; port < 30000 + flows; port++) {
      heavy += chosen(ip, port) == 8000 ? 1 : 0;
    }
    assertThat(heavy).as("a binomial deviation is 14").isBetween(700, 800);
  }

  @ParameterizedTest
  @EnumSource
  void maglevChoosesAlikeEveryTimeAndSpreadsClients(Ip ip) {
    serveByMaglev(ip, 1, 1, 1, 1, 1);
    var counts = new int[5];
    for (int port = 20000; port < 20500; port++) {
      int first = chosen(ip, port);
      counts[first - 8000]++;
      if (port % 10 == 0) {
        lab.datapath().flows().deleteAll(Set.copyOf(lab.datapath().flows().entries().keySet()));
        assertThat(chosen(ip, port)).isEqualTo(first);
      }
    }
    assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(50);
  }

  private static int chosen(Ip ip, int port) {
    var packet =
        PacketBuilder.ethernet(PacketLab.MAC_GATEWAY, PacketLab.MAC_ETH0)
            .ip(ip.world, ip.balancer())
            .tcp(port, 80)
            .flags("S");
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
    return result.decoded().last(Layer.Tcp.class).orElseThrow().destinationPort();
  }
}
