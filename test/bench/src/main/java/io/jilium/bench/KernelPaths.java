// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Change;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.ForwardingTable;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.MacAddress;
import io.jilium.linux.netlink.Neighbour;
import io.jilium.linux.netlink.Neighbours;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.net.InetAddress;
import java.util.List;

/** What the kernel does alone, without policy: the baselines. Pods are 10.78.1.2 and 10.78.2.2. */
final class KernelPaths {
  private static final int VXLAN_PORT = 8472;
  private static final int VXLAN_ID = 7;
  private static final String SERVER = "10.78.2.2";

  /** Of the node, towards the client. */
  static final String NODE_ADDRESS = "10.78.1.1";

  private KernelPaths() {}

  /** Two namespaces on one veth pair. */
  static Ends veth() {
    var client = Netns.createUnnamed();
    var server = Netns.createUnnamed();
    try (var one = NetlinkSocket.open(client);
        var two = NetlinkSocket.open(server)) {
      one.apply(Links.createVeth(eth0().up(), eth0().netns(server)));
      two.apply(Links.set("eth0", LinkSettings.none().up()));
      address(one, "eth0", "10.78.1.2/16");
      address(two, "eth0", SERVER + "/16");
    }
    return new Ends("bare veth pair", client, server, SERVER);
  }

  /** Two pods on the ports of a bridge. */
  static Ends bridge() {
    var client = Netns.createUnnamed();
    var server = Netns.createUnnamed();
    var node = Netns.createUnnamed();
    try (var kernel = NetlinkSocket.open(node)) {
      kernel.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0").up()));
      int port = 1;
      for (var pod : List.of(client, server)) {
        plug(kernel, "br0", "port" + port, pod);
        try (var inside = NetlinkSocket.open(pod)) {
          address(inside, "eth0", "10.78." + port++ + ".2/16");
        }
      }
    }
    return new Ends("kernel bridge", client, server, SERVER, node);
  }

  /** Two pods on one node that routes between them. */
  static Ends routed() {
    var client = Netns.createUnnamed();
    var server = Netns.createUnnamed();
    var node = node();
    try (var kernel = NetlinkSocket.open(node)) {
      pod(kernel, client, 1);
      pod(kernel, server, 2);
    }
    return new Ends("kernel routing", client, server, SERVER, node);
  }

  /** The same, by a service of a node whose kube-proxy knows this many of them. */
  static Ends service(KubeProxyRules mode, int port, int services) {
    var client = Netns.createUnnamed();
    var server = Netns.createUnnamed();
    var node = node();
    try (var kernel = NetlinkSocket.open(node)) {
      pod(kernel, client, 1);
      pod(kernel, server, 2);
    }
    mode.install(node, new KubeProxyRules.Target(SERVER, port), services);
    return new Ends("kernel routing", client, server, SERVER, node)
        .through(KubeProxyRules.Target.ADDRESS, mode.label());
  }

  /** Two pods on two nodes that route plainly. */
  static Ends nativeRouting() {
    var nodes = new Nodes();
    for (int i = 1; i <= 2; i++) {
      try (var kernel = NetlinkSocket.open(nodes.node(i))) {
        var gateway = InetAddress.ofLiteral("10.79.0." + (3 - i));
        kernel.apply(
            Routes.add(Route.to(pods(3 - i)).via(gateway).device(link(kernel, "eth0").index())));
      }
    }
    return nodes.ends("kernel native routing");
  }

  /**
   * Two pods on two nodes joined by the kernel's VXLAN, with neighbours and forwarding entries set
   * by hand.
   */
  static Ends vxlan() {
    var nodes = new Nodes();
    for (int i = 1; i <= 2; i++) {
      int other = 3 - i;
      try (var kernel = NetlinkSocket.open(nodes.node(i))) {
        var kind =
            LinkKind.Vxlan.classic(
                VXLAN_ID,
                VXLAN_PORT,
                InetAddress.ofLiteral("10.79.0." + i),
                link(kernel, "eth0").index());
        kernel.apply(Links.create(kind, LinkSettings.named("vx0").mac(tunnelMac(i)).up()));
        int device = link(kernel, "vx0").index();
        address(kernel, "vx0", "10.78." + i + ".0/32");
        var gateway = InetAddress.ofLiteral("10.78." + other + ".0");
        var remote = InetAddress.ofLiteral("10.79.0." + other);
        kernel.apply(
            List.<Change>of(
                Routes.add(Route.to(pods(other)).viaOnlink(gateway).device(device)),
                Neighbours.replace(Neighbour.permanent(device, gateway, tunnelMac(other))),
                ForwardingTable.replaceRemote(device, tunnelMac(other), remote)));
      }
    }
    return nodes.ends("kernel VXLAN");
  }

  /** Two nodes on a bridge, 10.79.0.1 and .2, each with one pod. */
  private static final class Nodes {
    private final Netns underlay = Netns.createUnnamed();
    private final List<Netns> nodes = List.of(KernelPaths.node(), KernelPaths.node());
    private final List<Netns> pods = List.of(Netns.createUnnamed(), Netns.createUnnamed());

    Nodes() {
      try (var kernel = NetlinkSocket.open(underlay)) {
        kernel.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0").up()));
        for (int i = 1; i <= 2; i++) {
          plug(kernel, "br0", "port" + i, node(i));
          try (var there = NetlinkSocket.open(node(i))) {
            address(there, "eth0", "10.79.0." + i + "/24");
            pod(there, pods.get(i - 1), i);
          }
        }
      }
    }

    Netns node(int number) {
      return nodes.get(number - 1);
    }

    Ends ends(String label) {
      return new Ends(label, pods.getFirst(), pods.getLast(), SERVER, underlay, node(1), node(2));
    }
  }

  private static Prefix pods(int node) {
    return Prefix.parse("10.78." + node + ".0/24");
  }

  private static MacAddress tunnelMac(int node) {
    return MacAddress.locallyAdministered(node);
  }

  private static LinkSettings eth0() {
    return LinkSettings.named("eth0");
  }

  private static Netns node() {
    var node = Netns.createUnnamed();
    node.execute(() -> Sysctl.write("net/ipv4/ip_forward", 1));
    try (var kernel = NetlinkSocket.open(node)) {
      kernel.apply(Links.set("lo", LinkSettings.none().up()));
    }
    return node;
  }

  /** Gives a node a pod as most plugins do: 10.78.N.2 behind 10.78.N.1. */
  private static void pod(NetlinkSocket node, Netns pod, int number) {
    var name = "pod" + number;
    var gateway = InetAddress.ofLiteral("10.78." + number + ".1");
    var inside = InetAddress.ofLiteral("10.78." + number + ".2");
    node.apply(Links.createVeth(LinkSettings.named(name).up(), eth0().netns(pod)));
    try (var kernel = NetlinkSocket.open(pod)) {
      kernel.apply(Links.set("eth0", LinkSettings.none().up()));
      int device = link(kernel, "eth0").index();
      address(kernel, "eth0", inside.getHostAddress() + "/32");
      kernel.apply(
          List.of(
              Routes.add(Route.to(Prefix.host(gateway)).device(device)),
              Routes.add(Route.toAll(Family.IPV4).via(gateway).device(device))));
    }
    address(node, name, gateway.getHostAddress() + "/32");
    node.apply(Routes.add(Route.to(Prefix.host(inside)).device(link(node, name).index())));
  }

  private static void plug(NetlinkSocket switching, String bridge, String port, Netns host) {
    switching.apply(
        Links.createVeth(
            LinkSettings.named(port).master(link(switching, bridge).index()).up(),
            eth0().netns(host)));
    try (var there = NetlinkSocket.open(host)) {
      there.apply(Links.set("eth0", LinkSettings.none().up()));
    }
  }

  private static void address(NetlinkSocket kernel, String device, String prefix) {
    kernel.apply(Addresses.add(Address.of(link(kernel, device).index(), Prefix.parse(prefix))));
  }

  private static Link link(NetlinkSocket kernel, String name) {
    return kernel
        .find(Links.byName(name))
        .orElseThrow(() -> new BenchException("no device " + name));
  }
}
