// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Node;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Neighbour;
import io.jilium.linux.netlink.Neighbours;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.LinuxException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The neighbours through which other nodes are reached. The kernel is asked to keep them resolved,
 * so that no packet of a pod waits for ARP; where it cannot (before 5.16) they are asked for in
 * every round. Belongs to the control thread.
 */
final class NextHops {
  /** A neighbour on a device. */
  record Hop(int device, InetAddress address) {}

  private final NetlinkSocket netlink;
  private final Map<Hop, io.jilium.linux.netlink.MacAddress> macs = new HashMap<>();
  private Set<Hop> hops = Set.of();
  private Set<Hop> asked = Set.of();

  NextHops(NetlinkSocket netlink) {
    this.netlink = netlink;
  }

  /**
   * Looks the ways up and has new ones resolved; those that are not needed any more are left to
   * age.
   */
  void reconcile(Collection<Node> nodes, Set<Integer> underlays) {
    var wanted = new HashSet<Hop>();
    for (var node : nodes) {
      for (boolean v4 : new boolean[] {true, false}) {
        node.address(v4).ifPresent(address -> hop(address, underlays, wanted));
      }
    }
    hops = wanted;
    var done = new HashSet<Hop>();
    for (var hop : wanted) {
      if (asked.contains(hop) || ask(hop)) {
        done.add(hop);
      }
    }
    asked = done;
    macs.keySet().retainAll(wanted);
  }

  /**
   * Whether the neighbour is a next hop and has another address now than before: cached decisions
   * carry the old one.
   */
  boolean changed(Neighbour neighbour) {
    var hop = new Hop(neighbour.device(), neighbour.address());
    if (!hops.contains(hop) || !neighbour.isUsable()) {
      return false;
    }
    var mac = neighbour.mac().orElseThrow();
    return !mac.equals(macs.put(hop, mac));
  }

  /** The kernel forgot a neighbour: it is asked for again. */
  boolean removed(Neighbour neighbour) {
    var hop = new Hop(neighbour.device(), neighbour.address());
    if (!hops.contains(hop)) {
      return false;
    }
    asked = new HashSet<>(asked);
    asked.remove(hop);
    return true;
  }

  private void hop(IpAddress address, Set<Integer> underlays, Set<Hop> wanted) {
    netlink
        .find(Routes.toward(Inet.of(address)))
        .filter(route -> route.type() == Route.Type.UNICAST)
        .filter(
            route -> route.device().isPresent() && underlays.contains(route.device().getAsInt()))
        .ifPresent(route ->
            wanted.add(
                new Hop(route.device().getAsInt(), route.gateway().orElse(Inet.of(address)))));
  }

  /** A neighbour that somebody set by hand, or that the kernel keeps already, stays as it is. */
  private boolean ask(Hop hop) {
    try {
      var known =
          netlink.list(Neighbours.of(Family.of(hop.address()), hop.device())).stream()
              .filter(neighbour -> neighbour.address().equals(hop.address()))
              .findFirst();
      known.ifPresent(this::changed);
      if (known.isEmpty()
          || !(known.get().managed() || known.get().state() == Neighbour.State.PERMANENT)) {
        netlink.apply(Neighbours.replace(Neighbour.managed(hop.device(), hop.address())));
      }
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }
}
