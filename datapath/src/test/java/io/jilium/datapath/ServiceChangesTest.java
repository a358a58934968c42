// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.UDP;
import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.service.FrontendType;
import io.jilium.test.kit.PacketBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A change of a service costs the flows that it concerns, and no others. */
@Tag("kernel")
class ServiceChangesTest {
  private static final int NODE_PORT = 30080;

  /** Longer than a jiffy, so that a decision of now has another time. */
  private static final long JIFFY_NANOS = 20_000_000;

  @RegisterExtension static final PacketLab lab = new PacketLab();

  @BeforeEach
  void decisionsLast() {
    lab.configure(Configs.lasting(lab.nativeRouting()));
  }

  private static ServiceRows services() {
    return lab.services();
  }

  private static String any(Ip ip) {
    return ip.isV4() ? "0.0.0.0" : "::";
  }

  private static String other(Ip ip) {
    return ip.isV4() ? "10.96.0.81" : "fd00:10:96::81";
  }

  /** Pod A sends to an address; the entry of the flow. */
  private static FlowKey fromPod(Ip ip, String to, int port) {
    return new FlowKey(Ip.address(ip.podA), Ip.address(to), 50200, port, lab.lxcA, UDP);
  }

  private static FlowKey fromWorld(Ip ip, String to, int port) {
    return new FlowKey(Ip.address(ip.world), Ip.address(to), 50200, port, 0, UDP);
  }

  private static FlowEntry send(Ip ip, FlowKey key) {
    var macs =
        key.ifindex() == 0
            ? PacketBuilder.ethernet(MAC_GATEWAY, PacketLab.MAC_ETH0)
            : PacketBuilder.ethernet(MAC_A, MAC_LXC_A);
    var packet =
        macs.ip(key.source().toString(), key.destination().toString())
            .udp(key.sourcePort(), key.destinationPort())
            .payload(5)
            .bytes();
    var result =
        key.ifindex() == 0
            ? lab.run(Hook.FROM_NETDEV, lab.eth0, packet)
            : lab.run(Hook.FROM_POD, lab.lxcA, packet);
    assertThat(result.drops()).as("%s %s", ip, result.text(ip)).isEmpty();
    return lab.flow(key);
  }

  /** Which of the flows decide anew when this has happened. */
  private static List<String> deciding(Ip ip, Map<String, FlowKey> flows, Runnable change) {
    var before = new TreeMap<String, Integer>();
    flows.forEach((name, key) -> {
      send(ip, key);
      before.put(name, send(ip, key).decided());
    });
    LockSupport.parkNanos(JIFFY_NANOS);
    change.run();
    var anew = new TreeSet<String>();
    flows.forEach((name, key) -> {
      if (!Objects.equals(before.get(name), send(ip, key).decided())) {
        anew.add(name);
      }
    });
    return List.copyOf(anew);
  }

  private static void changed(FrontendKey... keys) {
    lab.datapath().serviceChanges().count(List.of(keys));
  }

  private static FrontendKey key(String address, int port) {
    return new FrontendKey(Ip.address(address), port, port == 0 ? 0 : UDP);
  }

  private static BackendSetEntry backend(Ip ip, int id) {
    return services().set(id, 0, services().backend(ip.podB, 5353, UDP));
  }

  private static Map<String, FlowKey> flowsOfAllKinds(Ip ip) {
    services().clusterIp(ip.service(), 80, UDP, backend(ip, 1));
    services().clusterIp(other(ip), 80, UDP, backend(ip, 2));
    var open = FrontendFlag.FROM_OUTSIDE.number();
    var set = backend(ip, 3);
    services().frontend(any(ip), NODE_PORT, UDP, FrontendType.NODE_PORT, open, set, set);
    services().nodeAddress(ip.node, NodeAddressFlag.OWN, NodeAddressFlag.PORTS);
    return Map.of(
        "X", fromPod(ip, ip.service(), 80),
        "Y", fromPod(ip, other(ip), 80),
        "node port", fromWorld(ip, ip.node, NODE_PORT),
        "pod", fromPod(ip, ip.podB, 80),
        "world", fromPod(ip, ip.world, 80));
  }

  @ParameterizedTest
  @EnumSource
  void flowsOfAServiceAloneDecideAnewWhenItChanges(Ip ip) {
    var flows = flowsOfAllKinds(ip);
    assertThat(deciding(ip, flows, () -> {})).isEmpty();
    assertThat(deciding(ip, flows, () -> changed(key(ip.service(), 80)))).containsExactly("X");
    assertThat(deciding(ip, flows, () -> changed(key(other(ip), 80)))).containsExactly("Y");
    assertThat(deciding(ip, flows, () -> changed(key(any(ip), NODE_PORT))))
        .containsExactly("node port");
    assertThat(deciding(ip, flows, () -> changed(key(ip.service(), 0)))).containsExactly("X");
    assertThat(deciding(ip, flows, () -> changed(key(ip.node, 0)))).containsExactly("node port");
    assertThat(deciding(ip, flows, () -> changed(key("10.96.7.7", 443)))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void everythingElseThatChangesConcernsAllFlows(Ip ip) {
    var flows = flowsOfAllKinds(ip);
    assertThat(deciding(ip, flows, () -> lab.datapath().runtime().bumpEpoch()))
        .containsExactlyElementsOf(flows.keySet().stream().sorted().toList());
  }

  private static String destination(Ip ip, FlowKey key) {
    var entry = send(ip, key);
    return entry.has(FlowFlag.SERVICE) ? ip.names(entry.natDestination().toString()) : "plain";
  }

  @ParameterizedTest
  @EnumSource
  void addressAndPortThatPlainFlowsUsedBecomeAServices(Ip ip) {
    var exact = fromPod(ip, ip.balancer(), 53);
    var nodePort = fromPod(ip, ip.otherNode, NODE_PORT);
    Supplier<List<String>> now =
        () -> Stream.of(exact, nodePort).map(key -> destination(ip, key)).toList();
    services().nodeAddress(ip.otherNode, NodeAddressFlag.PORTS);
    assertThat(now.get()).containsExactly("plain", "plain");
    assertThat(now.get()).containsExactly("plain", "plain");
    services().clusterIp(ip.balancer(), 53, UDP, backend(ip, 1));
    changed(key(ip.balancer(), 53));
    assertThat(now.get()).containsExactly("podB", "plain");
    var set = backend(ip, 2);
    services().frontend(any(ip), NODE_PORT, UDP, FrontendType.NODE_PORT, 0, set, set);
    changed(key(any(ip), NODE_PORT));
    assertThat(now.get()).containsExactly("podB", "podB");
    services().remove(ip.balancer(), 53, UDP);
    changed(key(ip.balancer(), 53));
    assertThat(now.get()).containsExactly("plain", "podB");
    services().remove(any(ip), NODE_PORT, UDP);
    changed(key(any(ip), NODE_PORT));
    assertThat(now.get()).containsExactly("plain", "plain");
  }

  /** What the programs write into an entry is what Java reckons, whatever the address and port. */
  @Test
  void javaKnowsWhatIsCurrent() {
    var random = new Random(7);
    for (int i = 0; i < 200; i++) {
      var address = "10.%d.%d.%d".formatted(96 + i % 3, random.nextInt(256), random.nextInt(256));
      int port = random.nextInt(1, 65536);
      changed(new FrontendKey(Ip.address(address), port, UDP));
      changed(new FrontendKey(Ip.address("0.0.0.0"), port, UDP));
    }
    for (int i = 0; i < 60; i++) {
      var ip = i % 2 == 0 ? Ip.V4 : Ip.V6;
      var to =
          ip.isV4()
              ? "198.51.%d.%d".formatted(random.nextInt(256), random.nextInt(256))
              : "fd00:198::%x:%x".formatted(random.nextInt(65536), 1 + random.nextInt(65535));
      var key = fromPod(ip, to, random.nextInt(1, 65536));
      assertThat(lab.datapath().isCurrent(key, send(ip, key))).as("%s", key).isTrue();
      changed(new FrontendKey(key.destination(), 80, UDP));
      assertThat(lab.datapath().isCurrent(key, lab.flow(key))).as("%s", key).isFalse();
    }
  }
}
