// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.packet.Layer;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.RandomServices;
import io.jilium.core.service.ServiceOracle;
import io.jilium.test.kit.PacketBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random services, and packets to them from a pod and from outside: the programs do with each what
 * the oracle of Kubernetes' semantics says.
 */
@Tag("kernel")
class BalanceRandomTest {
  private static final int STEPS = 60;
  private static final int QUESTIONS = 12;
  private static final List<Integer> SERVICE_DROPS = List.of(158, 174, 177);
  private static final int NO_ROUTE = 169;

  @RegisterExtension static final PacketLab lab = new PacketLab();

  private RandomServices world = new RandomServices(0);
  private int nextPort = 10000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void packetsGoWhereTheOracleSays(long seed) {
    lab.configure(lab.nativeRouting());
    servers();
    world = new RandomServices(seed);
    var rows = new RandomRows(lab.services());
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i <= world.number(4); i++) {
        world.change();
      }
      world.services().update();
      rows.write(world);
      for (int i = 0; i < QUESTIONS; i++) {
        ask("seed %d step %d question %d".formatted(seed, step, i));
      }
    }
  }

  /** Every endpoint that slices may have is a pod of this node. */
  private static void servers() {
    for (int host = 1; host <= 6; host++) {
      lab.pod("10.244.0." + host);
      lab.pod("fd00:244::" + host);
    }
  }

  private void ask(String when) {
    var to = IpAddress.parse(world.pick(RandomServices.addresses()));
    int port = world.pick(world.number(2) == 0 ? RandomServices.PORTS : RandomServices.NODE_PORTS);
    var protocol = world.pick(RandomServices.PROTOCOLS);
    var source = source(to.isV4());
    var expected =
        source.isEmpty() && isRanged(new PortAddress(to, port, protocol))
            ? new ServiceOracle.Answer("DROP", Set.of())
            : world.oracle().connect(to, port, protocol, source);
    for (int packet = 0; packet < 2; packet++) {
      var seen = wrong(to, port, send(to, port, protocol, source), expected);
      assertThat(seen)
          .as("%s: packet %d from %s to %s:%d/%s", when, packet, source, to, port, protocol)
          .isEmpty();
    }
    nextPort++;
  }

  /** The oracle asks about ranges for the outside alone; as in kube-proxy they bind pods too. */
  private boolean isRanged(PortAddress asked) {
    var frontend = world.services().frontends().get(asked);
    return frontend != null && !frontend.policy().ranges().isEmpty();
  }

  /** Empty: a pod. */
  private Optional<IpAddress> source(boolean v4) {
    return switch (world.number(3)) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(IpAddress.parse(v4 ? "198.18.0.1" : "2001:db8:99::1"));
      default -> Optional.of(IpAddress.parse(v4 ? "198.18.1.1" : "2001:db8:99::2"));
    };
  }

  private PacketResult send(IpAddress to, int port, Protocol protocol, Optional<IpAddress> source) {
    var ip = to.isV4() ? Ip.V4 : Ip.V6;
    var packet =
        source.isEmpty()
            ? PacketBuilder.ethernet(PacketLab.MAC_A, PacketLab.MAC_LXC_A)
                .ip(ip.podA, to.toString())
            : PacketBuilder.ethernet(PacketLab.MAC_GATEWAY, PacketLab.MAC_ETH0)
                .ip(source.get().toString(), to.toString());
    var whole =
        switch (protocol) {
          case TCP -> packet.tcp(nextPort, port).flags("S");
          case UDP -> packet.udp(nextPort, port).payload(10);
          default -> packet.sctp(nextPort, port).payload(16);
        };
    return source.isEmpty()
        ? lab.run(Hook.FROM_POD, lab.lxcA, whole.bytes())
        : lab.run(Hook.FROM_NETDEV, lab.eth0, whole.bytes());
  }

  /** What is wrong with a result; empty: nothing. */
  static String wrong(IpAddress to, int port, PacketResult result, ServiceOracle.Answer expected) {
    var text = result.text(to.isV4() ? Ip.V4 : Ip.V6);
    boolean right =
        switch (expected.word()) {
          case "BALANCE" -> expected.balanced().contains(destination(result));
          case "PASS" ->
              result.drops().equals(List.of(NO_ROUTE))
                  || destination(result).equals(to + "|" + port);
          case "DROP" -> text.startsWith("shot") && SERVICE_DROPS.containsAll(result.drops());
          default -> result.drops().equals(List.of(158)) && isRefusal(result);
        };
    if (right && !text.startsWith("shot")) {
      right = result.faults().isEmpty();
    }
    return right ? "" : expected + " was expected, but there was " + text + " " + result.faults();
  }

  private static boolean isRefusal(PacketResult result) {
    return result
        .decoded()
        .last(Layer.Tcp.class)
        .map(tcp -> tcp.has(Layer.Tcp.RST))
        .orElseGet(() ->
            result.decoded().layers().stream()
                .anyMatch(layer -> layer instanceof Layer.Icmpv4 || layer instanceof Layer.Icmpv6));
  }

  static String destination(PacketResult result) {
    IpAddress address = null;
    int port = 0;
    for (var layer : result.decoded().layers()) {
      switch (layer) {
        case Layer.Ipv4 ip -> address = ip.destination();
        case Layer.Ipv6 ip -> address = ip.destination();
        case Layer.Tcp tcp -> port = tcp.destinationPort();
        case Layer.Udp udp -> port = udp.destinationPort();
        case Layer.Sctp sctp -> port = sctp.destinationPort();
        default -> {}
      }
    }
    return address + "|" + port;
  }
}
