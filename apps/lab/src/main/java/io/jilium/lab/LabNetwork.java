// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The lab's wires: a namespace `underlay` holds a bridge that joins the nodes and the host
 * `outside`, so that nothing of the lab shows on the machine itself and nothing in it has a route
 * off the machine.
 */
final class LabNetwork {
  static final String UNDERLAY = "underlay";
  static final String OUTSIDE = "outside";
  private static final String BRIDGE = "br0";
  private static final String DEVICE = "eth0";

  private final LabName name;

  LabNetwork(LabName name) {
    this.name = name;
  }

  /** Makes what is missing. */
  void create(int nodes) {
    host(UNDERLAY);
    try (var netns = Netns.open(name.namespace(UNDERLAY));
        var netlink = NetlinkSocket.open(netns)) {
      netlink.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named(BRIDGE).up()));
      netlink.apply(Links.set(BRIDGE, LinkSettings.none().up()));
      addAddress(netlink, BRIDGE, Addresses.ETCD_IPV4, Addresses.UNDERLAY_IPV4_LENGTH);
      addAddress(netlink, BRIDGE, Addresses.ETCD_IPV6, Addresses.UNDERLAY_IPV6_LENGTH);
    }
    host(OUTSIDE);
    plug(OUTSIDE, "outside", Addresses.OUTSIDE_IPV4, Addresses.OUTSIDE_IPV6);
    world();
    for (int number = 1; number <= nodes; number++) {
      String node = "node-" + number;
      host(node);
      plug(node, node, Addresses.nodeIpv4(number), Addresses.nodeIpv6(number));
      defaultRoutes(node);
    }
  }

  /** Removes every namespace of the lab, pods' too. */
  void remove() {
    String prefix = name.value() + "-";
    try (var files = Files.newDirectoryStream(Path.of("/run/netns"), prefix + "*")) {
      for (var file : files) {
        String host = file.getFileName().toString().substring(prefix.length());
        if (host.equals(UNDERLAY)
            || host.equals(OUTSIDE)
            || host.matches("node-[0-9]+(-health)?")
            || host.startsWith("pod-")) {
          Netns.delete(file);
        }
      }
    } catch (java.nio.file.NoSuchFileException none) {
      // No namespace was ever named on this machine.
    } catch (IOException e) {
      throw new LabException(e);
    }
  }

  private void host(String host) {
    var path = name.namespace(host);
    if (!Netns.exists(path)) {
      Netns.delete(path);
      Netns.create(path).close();
    }
    try (var netns = Netns.open(path);
        var netlink = NetlinkSocket.open(netns)) {
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
      // Duplicate address detection would keep addresses unusable for two seconds.
      netns.execute(() -> {
        Sysctl.write("net/ipv6/conf/default/accept_dad", 0);
        Sysctl.write("net/ipv6/conf/all/accept_dad", 0);
        Sysctl.write("net/ipv6/conf/default/accept_ra", 0);
      });
    }
  }

  /** Joins a host to the bridge by its eth0. */
  private void plug(String host, String port, String ipv4, String ipv6) {
    try (var underlay = Netns.open(name.namespace(UNDERLAY));
        var netns = Netns.open(name.namespace(host));
        var onUnderlay = NetlinkSocket.open(underlay);
        var onHost = NetlinkSocket.open(netns)) {
      if (onHost.find(Links.byName(DEVICE)).isEmpty()) {
        onUnderlay.apply(
            Links.createVeth(LinkSettings.named(port), LinkSettings.named(DEVICE).netns(netns)));
      }
      int bridge = onUnderlay.find(Links.byName(BRIDGE)).orElseThrow().index();
      onUnderlay.apply(Links.set(port, LinkSettings.none().master(bridge).up()));
      onHost.apply(Links.set(DEVICE, LinkSettings.none().up()));
      addAddress(onHost, DEVICE, ipv4, Addresses.UNDERLAY_IPV4_LENGTH);
      addAddress(onHost, DEVICE, ipv6, Addresses.UNDERLAY_IPV6_LENGTH);
    }
  }

  /**
   * The addresses behind `outside`. They know no way to a pod: only masqueraded traffic gets an
   * answer.
   */
  private void world() {
    try (var netns = Netns.open(name.namespace(OUTSIDE));
        var netlink = NetlinkSocket.open(netns)) {
      addAddress(netlink, "lo", Addresses.WORLD_IPV4, 32);
      addAddress(netlink, "lo", Addresses.WORLD_IPV6, 128);
    }
  }

  private void defaultRoutes(String node) {
    try (var netns = Netns.open(name.namespace(node));
        var netlink = NetlinkSocket.open(netns)) {
      int device = netlink.find(Links.byName(DEVICE)).orElseThrow().index();
      for (String gateway : List.of(Addresses.OUTSIDE_IPV4, Addresses.OUTSIDE_IPV6)) {
        var address = InetAddress.ofLiteral(gateway);
        netlink.apply(Routes.replace(Route.toAll(Family.of(address)).device(device).via(address)));
      }
    }
  }

  private static void addAddress(NetlinkSocket netlink, String device, String address, int length) {
    int index = netlink.find(Links.byName(device)).orElseThrow().index();
    netlink.apply(
        io.jilium.linux.netlink.Addresses.add(
            Address.of(index, Prefix.parse(address + "/" + length))));
  }
}
