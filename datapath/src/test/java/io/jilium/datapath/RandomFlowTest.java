// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;

import io.jilium.core.packet.Layer;
import io.jilium.test.kit.PacketBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random packets of two pods and of the world, against a model that knows only which connections
 * were opened: a few addresses and ports, so that connections collide.
 */
@Tag("kernel")
class RandomFlowTest {
  private static final int STEPS = 3000;
  private static final int PORTS = 6;

  @RegisterExtension static final PacketLab lab = new PacketLab();

  /** A connection to the world: which pod from which port, to which port. */
  private record Connection(boolean a, int port, int worldPort) {}

  private record Outside(int nodePort, int worldPort) {}

  @ParameterizedTest
  @EnumSource
  void translationIsAlwaysABijection(Ip ip) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var opened = new HashMap<Connection, Outside>();
    var owners = new HashMap<Outside, Connection>();
    try {
      for (int step = 0; step < STEPS; step++) {
        int worldPort = 53 + random.nextInt(2);
        switch (random.nextInt(10)) {
          case 0 -> lab.datapath().runtime().bumpEpoch();
          case 1 -> lab.datapath().runtime().debug(random.nextBoolean());
          case 2, 3, 4 -> fromWorld(ip, random, worldPort, owners);
          default -> fromPod(ip, random, worldPort, opened, owners);
        }
      }
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private static void fromPod(
      Ip ip,
      Random random,
      int worldPort,
      Map<Connection, Outside> opened,
      Map<Outside, Connection> owners) {
    boolean a = random.nextBoolean();
    int port = 50000 + random.nextInt(PORTS);
    var packet =
        a
            ? PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.world)
            : PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.world);
    var result =
        lab.run(
            Hook.FROM_POD,
            a ? lab.lxcA : lab.lxcB,
            packet.udp(port, worldPort).payload(random.nextInt(64)).bytes());
    var connection = new Connection(a, port, worldPort);
    int nodePort = result.decoded().last(Layer.Udp.class).orElseThrow().sourcePort();
    var outside = new Outside(nodePort, worldPort);
    check(
        result,
        ip,
        "redirect eth0>gateway node:%d -> world:%d udp ttl 63".formatted(nodePort, worldPort));
    var before = opened.putIfAbsent(connection, outside);
    if (before != null && !before.equals(outside)) {
      throw new AssertionError(connection + " moved from " + before + " to " + outside);
    }
    var owner = owners.putIfAbsent(outside, connection);
    if (owner != null && !owner.equals(connection)) {
      throw new AssertionError(outside + " of " + owner + " given to " + connection);
    }
  }

  private static void fromWorld(
      Ip ip, Random random, int worldPort, Map<Outside, Connection> owners) {
    int nodePort = 50000 + random.nextInt(PORTS * 2);
    var packet =
        PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0)
            .ip(ip.world, ip.node)
            .udp(worldPort, nodePort)
            .payload(random.nextInt(64));
    var result = lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
    var owner = owners.get(new Outside(nodePort, worldPort));
    if (owner == null) {
      check(
          result,
          ip,
          "ok gateway>eth0 world:%d -> node:%d udp ttl 64".formatted(worldPort, nodePort));
    } else {
      check(
          result,
          ip,
          "redirect %s world:%d -> %s:%d udp ttl 63"
              .formatted(
                  owner.a() ? "lxcA>A" : "lxcB>B",
                  worldPort,
                  owner.a() ? "podA" : "podB",
                  owner.port()));
    }
  }

  private static void check(PacketResult result, Ip ip, String expected) {
    if (!result.text(ip).equals(expected)) {
      throw new AssertionError("expected " + expected + " but was " + result.text(ip));
    }
    if (!result.faults().isEmpty()) {
      throw new AssertionError(result.text(ip) + " has wrong " + result.faults());
    }
  }
}
