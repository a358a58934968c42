// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.netlink.Scope;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.net.InetAddress;
import java.util.List;

/** Pairs of devices between namespaces, with their addresses and routes. */
final class Wires {
  /** IPv4, then IPv6. */
  static final List<Boolean> FAMILIES = List.of(true, false);

  private Wires() {}

  /** A cable between two namespaces. */
  static void cable(Netns from, String device, Netns to, String otherDevice) {
    try (var netlink = NetlinkSocket.open(from);
        var other = NetlinkSocket.open(to)) {
      netlink.apply(
          Links.createVeth(LinkSettings.named(device), LinkSettings.named(otherDevice).netns(to)));
      netlink.apply(Links.set(device, LinkSettings.none().up()));
      other.apply(Links.set(otherDevice, LinkSettings.none().up()));
    }
  }

  /** A namespace with a pair of devices to the node, and routes that lead there. */
  static Pod pod(Node node, String name, int host, int identity) {
    var netns = Netns.createUnnamed();
    var device = "lxc" + name;
    netns.execute(
        () -> sysctls(List.of("ipv6/conf/default/accept_dad", "ipv6/conf/default/accept_ra"), 0));
    cable(node.netns(), device, netns, "eth0");
    node.netns().execute(() -> sysctls(List.of("ipv4/conf/" + device + "/rp_filter"), 0));
    try (var outside = NetlinkSocket.open(node.netns());
        var inside = NetlinkSocket.open(netns)) {
      var nodeEnd = outside.find(Links.byName(device)).orElseThrow();
      var podEnd = inside.find(Links.byName("eth0")).orElseThrow();
      inside.apply(Links.set("lo", LinkSettings.none().up()));
      var pod =
          new Pod(
              name,
              netns,
              IpAddress.parse("10.244." + node.number() + "." + host),
              IpAddress.parse("fd00:10:244:" + node.number() + "::" + host),
              identity,
              device,
              nodeEnd.index(),
              mac(podEnd.mac()),
              mac(nodeEnd.mac()));
      for (boolean v4 : FAMILIES) {
        address(inside, podEnd.index(), host(pod.address(v4)));
        var router = inet(node.router(v4));
        inside.apply(
            Routes.add(Route.to(Prefix.host(router)).device(podEnd.index()).scope(Scope.LINK)));
        inside.apply(
            Routes.add(
                Route.toAll(v4 ? Family.IPV4 : Family.IPV6)
                    .via(router)
                    .device(podEnd.index())
                    .mtu(Node.POD_MTU)));
      }
      return pod;
    }
  }

  static void sysctls(List<String> names, int value) {
    names.forEach(name -> Sysctl.write("net/" + name, value));
  }

  static int index(NetlinkSocket netlink, String device) {
    return netlink.find(Links.byName(device)).orElseThrow().index();
  }

  /** Adds an address, which is usable at once. */
  static void address(NetlinkSocket netlink, int device, Prefix prefix) {
    var address = Address.of(device, prefix);
    boolean v4 = prefix.family() == Family.IPV4;
    netlink.apply(Addresses.add(v4 ? address : address.flags(Address.Flag.NODAD)));
  }

  /** An address together with the network that it is in. */
  static Prefix onLink(IpAddress address) {
    return new Prefix(inet(address), address.isV4() ? 24 : 64);
  }

  static Prefix host(IpAddress address) {
    return Prefix.host(inet(address));
  }

  static Prefix prefix(IpPrefix prefix) {
    return Prefix.parse(prefix.toString());
  }

  static InetAddress inet(IpAddress address) {
    return InetAddress.ofLiteral(address.toString());
  }

  static MacAddress mac(io.jilium.linux.netlink.MacAddress mac) {
    return MacAddress.parse(mac.toString());
  }
}
