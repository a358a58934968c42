// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Change;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.Neighbour;
import io.jilium.linux.netlink.Neighbours;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.netlink.Scope;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pairs of devices, one end on the node and one made directly in a pod's namespace, under their
 * final names. Must be used from threads in the node's namespace.
 */
public final class PodDevices {
  /** The name of the container's end is taken; nothing was made. */
  public static final class NameTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NameTakenException(String message) {
      super(message);
    }
  }

  /**
   * What is to be made.
   *
   * @param hostName of the end on the node
   * @param podName of the end in the pod's namespace
   * @param addresses of the pod's end, at most one of each family
   */
  public record Plan(
      String hostName,
      String podName,
      MacAddress hostMac,
      MacAddress podMac,
      List<IpAddress> addresses,
      PodNetwork network) {}

  private PodDevices() {}

  /** A random address for a new device. */
  public static MacAddress newMac() {
    return MacAddress.locallyAdministered(ThreadLocalRandom.current().nextLong());
  }

  /** Makes the pair with addresses and routes, all up; returns the index of the node's end. */
  public static int create(Plan plan, Netns pod) {
    var network = plan.network();
    boolean ipv6 = plan.addresses().stream().anyMatch(IpAddress::isV6);
    try (var node = NetlinkSocket.open();
        var inside = pod.run(() -> prepareNamespace(ipv6))) {
      var hostEnd =
          LinkSettings.named(plan.hostName()).mac(mac(plan.hostMac())).mtu(network.deviceMtu());
      var podEnd =
          LinkSettings.named(plan.podName())
              .mac(mac(plan.podMac()))
              .mtu(network.deviceMtu())
              .netns(pod);
      if (!node.apply(Links.createVeth(hostEnd, podEnd))) {
        throw new NameTakenException(
            "device "
                + plan.podName()
                + " exists already in the pod, or "
                + plan.hostName()
                + " on the node");
      }
      int hostIndex = index(node, plan.hostName());
      node.apply(
          List.of(
              Links.set(
                  hostIndex, LinkSettings.none().addressGeneration(Link.AddressGeneration.NONE)),
              Links.set(hostIndex, LinkSettings.none().up())));
      // Packets from the pod are checked by our program; those that reach the stack come from
      // elsewhere.
      Sysctl.write("net/ipv4/conf/" + plan.hostName() + "/rp_filter", 0);
      if (ipv6) {
        Sysctl.write("net/ipv6/conf/" + plan.hostName() + "/disable_ipv6", 0);
      }
      inside.apply(insideChanges(plan, index(inside, plan.podName())));
      return hostIndex;
    }
  }

  /** Deletes the pair by its end on the node; no error when it is gone. */
  public static void delete(String hostName) {
    try (var node = NetlinkSocket.open()) {
      node.apply(Links.delete(hostName));
    }
  }

  /** The index of a device of the node. */
  public static Optional<Link> find(String hostName) {
    try (var node = NetlinkSocket.open()) {
      return node.find(Links.byName(hostName));
    }
  }

  /** What is not as {@link #create} left it, one sentence each. */
  public static List<String> differences(Plan plan, Netns pod) {
    var found = new ArrayList<String>();
    var host = find(plan.hostName());
    if (host.isEmpty()) {
      found.add("device " + plan.hostName() + " does not exist on the node");
    } else if (!host.get().isUp()) {
      found.add("device " + plan.hostName() + " is down");
    }
    try (var inside = NetlinkSocket.open(pod)) {
      var link = inside.find(Links.byName(plan.podName()));
      if (link.isEmpty()) {
        found.add("device " + plan.podName() + " does not exist in the pod");
        return found;
      }
      compareInside(plan, inside, link.get(), found);
    }
    return found;
  }

  private static void compareInside(
      Plan plan, NetlinkSocket inside, Link link, List<String> found) {
    if (!link.isUp()) {
      found.add("device " + plan.podName() + " is down in the pod");
    }
    if (!link.mac().equals(mac(plan.podMac()))) {
      found.add(
          "device " + plan.podName() + " has MAC address " + link.mac() + ", not " + plan.podMac());
    }
    var addresses = inside.list(Addresses.of(link.index())).stream().map(Address::prefix).toList();
    for (var address : plan.addresses()) {
      if (!addresses.contains(Prefix.host(inet(address)))) {
        found.add("address " + address + " is not on " + plan.podName() + " in the pod");
      }
      var family = address.isV4() ? Family.IPV4 : Family.IPV6;
      var present = inside.list(Routes.table(family, Route.TABLE_MAIN));
      for (var route : routes(plan, address, link.index())) {
        boolean there =
            present.stream()
                .anyMatch(r ->
                    r.destination().equals(route.destination())
                        && r.gateway().equals(route.gateway())
                        && r.device().equals(route.device()));
        if (!there) {
          found.add("route " + route + " is missing in the pod");
        }
      }
    }
  }

  /** Runs inside the pod's namespace: settings that new devices inherit, and a socket. */
  private static NetlinkSocket prepareNamespace(boolean ipv6) {
    if (ipv6) {
      for (var scope : List.of("all", "default", "lo")) {
        Sysctl.write("net/ipv6/conf/" + scope + "/disable_ipv6", 0);
      }
      // The address is unique by allocation and there is no router to listen to.
      Sysctl.write("net/ipv6/conf/default/accept_dad", 0);
      Sysctl.write("net/ipv6/conf/default/accept_ra", 0);
    }
    return NetlinkSocket.open();
  }

  private static List<Change> insideChanges(Plan plan, int device) {
    var changes = new ArrayList<Change>();
    changes.add(Links.set("lo", LinkSettings.none().up()));
    changes.add(Links.set(device, LinkSettings.none().up()));
    for (var address : plan.addresses()) {
      var own = Address.of(device, Prefix.host(inet(address)));
      changes.add(Addresses.add(address.isV6() ? own.flags(Address.Flag.NODAD) : own));
    }
    for (var address : plan.addresses()) {
      for (var route : routes(plan, address, device)) {
        changes.add(Routes.replace(route));
      }
    }
    // Neighbour discovery needs a link-local source when it asks again, which the source check may
    // refuse.
    plan.network()
        .routerIpv6()
        .ifPresent(router ->
            changes.add(
                Neighbours.replace(
                    Neighbour.permanent(device, inet(router), mac(plan.hostMac())))));
    return changes;
  }

  private static List<Route> routes(Plan plan, IpAddress address, int device) {
    var network = plan.network();
    var router = address.isV4() ? network.routerIpv4() : network.routerIpv6();
    if (router.isEmpty()) {
      return List.of();
    }
    var family = address.isV4() ? Family.IPV4 : Family.IPV6;
    var next = inet(router.get());
    return List.of(
        Route.to(Prefix.host(next)).device(device).scope(Scope.LINK),
        Route.toAll(family).via(next).device(device).mtu(network.routeMtu()));
  }

  private static int index(NetlinkSocket socket, String name) {
    return socket
        .find(Links.byName(name))
        .orElseThrow(
            () -> new IllegalStateException("device " + name + " vanished while it was made"))
        .index();
  }

  private static InetAddress inet(IpAddress address) {
    return InetAddress.ofLiteral(address.toString());
  }

  private static io.jilium.linux.netlink.MacAddress mac(MacAddress mac) {
    return new io.jilium.linux.netlink.MacAddress(mac.bits());
  }
}
