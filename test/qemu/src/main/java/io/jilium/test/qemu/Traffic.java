// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import io.jilium.core.model.DropReason;
import io.jilium.core.model.IpAddress;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.FlowAction;
import io.jilium.linux.ebpf.KernelFeature;
import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Qdiscs;
import io.jilium.linux.sys.Netns;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every way that a packet can take through the programs, with real packets: two nodes, two pods on
 * the first, one on the second, and a world that knows neither of them.
 */
final class Traffic implements AutoCloseable {
  private static final IpAddress WORLD4 = IpAddress.parse("198.51.100.1");
  private static final IpAddress WORLD6 = IpAddress.parse("fd00:198::1");

  private final Netns world = Netns.createUnnamed();
  private final Node first = new Node(1, Netns.createUnnamed());
  private final Node second = new Node(2, Netns.createUnnamed());
  private final Pod a;
  private final Pod b;
  private final Pod remote;

  private Traffic() {
    Wires.cable(first.netns(), "eth0", second.netns(), "eth0");
    Wires.cable(first.netns(), "eth1", world, "node1");
    Wires.cable(second.netns(), "eth1", world, "node2");
    try (var netlink = NetlinkSocket.open(world)) {
      int device = Wires.index(netlink, "node1");
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
      Wires.address(netlink, device, Wires.onLink(WORLD4));
      Wires.address(netlink, device, Wires.onLink(WORLD6));
    }
    first.makeDevices();
    second.makeDevices();
    first.load(true);
    second.load(true);
    a = first.addPod("a", 10, 1001);
    b = first.addPod("b", 11, 1002);
    remote = second.addPod("c", 10, 2001);
    first.learn(second, List.of(remote));
    second.learn(first, List.of(a, b));
    first.route(second, true);
    second.route(first, true);
  }

  /** Sends every kind of packet every way, and reports. */
  static void between(Report report) {
    report.check(
        "devices, programs and pods are made",
        () -> {
          try (var traffic = new Traffic()) {
            traffic.all(report);
          }
        });
  }

  private void all(Report report) {
    report.check("programs are attached as the kernel allows", this::attachedByFilter);
    for (boolean v4 : Wires.FAMILIES) {
      var family = v4 ? " (IPv4)" : " (IPv6)";
      sameNode(report, v4, family);
      report.check(
          "tunnel: node pings pod of the other" + family,
          () -> Exchange.ping(first.netns(), remote.address(v4)));
      otherNode(report, v4, "tunnel", family);
      report.check(
          "tunnel: decided as expected" + family, () -> expectAction(v4, FlowAction.TUNNEL));
      first.datapath().runtime().overlayCapture(true);
      second.datapath().runtime().overlayCapture(true);
      otherNode(report, v4, "tunnel by the device", family);
      first.datapath().runtime().overlayCapture(false);
      second.datapath().runtime().overlayCapture(false);
      toTheWorld(report, v4, family);
      report.check("foreign source address is dropped" + family, () -> spoof(v4));
    }
    report.check("reload during a ping loses nothing", this::reloadDuringPing);
    first.route(second, false);
    second.route(first, false);
    report.check(
        "native routing is loaded",
        () -> {
          first.reload(false);
          second.reload(false);
          first.datapath().runtime().bumpEpoch();
          second.datapath().runtime().bumpEpoch();
        });
    for (boolean v4 : Wires.FAMILIES) {
      var family = v4 ? " (IPv4)" : " (IPv6)";
      otherNode(report, v4, "native", family);
      report.check("native: decided as expected" + family, () -> expectAction(v4, FlowAction.NODE));
    }
    report.check("nothing else was dropped", this::noDrops);
    report.check("uninstall leaves nothing", this::uninstall);
  }

  private void sameNode(Report report, boolean v4, String family) {
    report.check(
        "pod pings pod of its node" + family, () -> Exchange.ping(a.netns(), b.address(v4)));
    report.check("pod pings its node" + family, () -> Exchange.ping(a.netns(), first.underlay(v4)));
    report.check("node pings its pod" + family, () -> Exchange.ping(first.netns(), a.address(v4)));
    report.check(
        "TCP to a pod of the node" + family,
        () -> Exchange.tcp(a.netns(), b.netns(), b.address(v4)));
    report.check(
        "UDP in fragments to a pod of the node" + family,
        () -> Exchange.udp(a.netns(), b.netns(), b.address(v4)));
  }

  private void otherNode(Report report, boolean v4, String way, String family) {
    report.check(way + ": ping" + family, () -> Exchange.ping(a.netns(), remote.address(v4)));
    report.check(
        way + ": TCP" + family, () -> Exchange.tcp(a.netns(), remote.netns(), remote.address(v4)));
    report.check(
        way + ": UDP in fragments" + family,
        () -> Exchange.udp(a.netns(), remote.netns(), remote.address(v4)));
    report.check(
        way + ": pod pings the other node" + family,
        () -> Exchange.ping(a.netns(), second.underlay(v4)));
  }

  /** The world has no route back to pods: an answer proves that the address was translated. */
  private void toTheWorld(Report report, boolean v4, String family) {
    var world4or6 = v4 ? WORLD4 : WORLD6;
    report.check("masquerade: ping" + family, () -> Exchange.ping(a.netns(), world4or6));
    report.check("masquerade: TCP" + family, () -> Exchange.tcp(a.netns(), world, world4or6));
  }

  private void attachedByFilter() {
    boolean tcx = KernelFeatures.probe().has(KernelFeature.TCX);
    var expected = tcx ? "TCX" : "Legacy TC";
    if (!first.datapath().attachMode().equals(expected)) {
      throw new AssertionError(first.datapath().attachMode() + ", not " + expected);
    }
    try (var netlink = NetlinkSocket.open(first.netns())) {
      boolean clsact =
          netlink.list(Qdiscs.of(a.ifindex())).stream().anyMatch(q -> q.kind().equals("clsact"));
      if (clsact == tcx) {
        throw new AssertionError("clsact on " + a.device() + ": " + clsact);
      }
    }
  }

  private void expectAction(boolean v4, FlowAction expected) {
    var actions =
        first.datapath().flows().entries().entrySet().stream()
            .filter(flow ->
                flow.getKey().source().equals(a.address(v4))
                    && flow.getKey().destination().equals(remote.address(v4)))
            .map(flow -> flow.getValue().action())
            .collect(Collectors.toSet());
    if (!actions.contains(expected)) {
      throw new AssertionError(expected + " is not among " + actions);
    }
  }

  private void spoof(boolean v4) throws Exception {
    var foreign = IpAddress.parse(v4 ? "10.244.1.99" : "fd00:10:244:1::99");
    try (var netlink = NetlinkSocket.open(a.netns())) {
      Wires.address(netlink, Wires.index(netlink, "lo"), Wires.host(foreign));
    }
    long before = drops(first.datapath(), DropReason.INVALID_SOURCE_IP);
    Exchange.sendFrom(a.netns(), foreign, b.address(v4));
    long after = drops(first.datapath(), DropReason.INVALID_SOURCE_IP);
    if (after <= before) {
      throw new AssertionError(before + " drops before, " + after + " after");
    }
  }

  private static long drops(Datapath datapath, DropReason reason) {
    return datapath.metrics().entries().entrySet().stream()
        .filter(entry -> entry.getKey().reason() == reason.number())
        .mapToLong(entry -> entry.getValue().packets())
        .sum();
  }

  private void reloadDuringPing() throws Exception {
    for (boolean v4 : Wires.FAMILIES) {
      var ping = Exchange.startPing(a.netns(), remote.address(v4), 200);
      for (int i = 0; i < 3; i++) {
        first.reload(true);
      }
      Exchange.expectAllAnswered(ping);
    }
  }

  /** Beside what was meant to be dropped there is only the chatter of interfaces that come up. */
  private void noDrops() {
    var expected =
        Stream.of(
                DropReason.INVALID_SOURCE_IP, DropReason.UNKNOWN_TARGET, DropReason.FORBIDDEN_ICMP6)
            .map(DropReason::number)
            .toList();
    for (var node : List.of(first, second)) {
      var unexpected =
          node.datapath().metrics().entries().keySet().stream()
              .filter(key -> !expected.contains(key.reason()))
              .map(key -> DropReason.text(key.reason()) + " " + key)
              .toList();
      if (!unexpected.isEmpty()) {
        throw new AssertionError("node " + node.number() + ": " + unexpected);
      }
    }
  }

  private void uninstall() {
    for (var node : List.of(first, second)) {
      node.uninstall();
    }
    try (var netlink = NetlinkSocket.open(first.netns())) {
      if (netlink.list(Qdiscs.all()).stream().anyMatch(q -> q.kind().equals("clsact"))) {
        throw new AssertionError("a clsact is left");
      }
    }
  }

  @Override
  public void close() {
    List.of(a, b, remote).forEach(pod -> pod.netns().close());
    first.close();
    second.close();
    world.close();
  }
}
