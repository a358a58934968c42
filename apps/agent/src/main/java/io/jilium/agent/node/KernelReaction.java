// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Neighbour;
import io.jilium.linux.netlink.NetlinkEvent;
import io.jilium.linux.netlink.Route;
import java.util.List;

/**
 * What the node does when others change the kernel: it looks again where its own things may be
 * concerned. Belongs to the control thread.
 */
final class KernelReaction {
  private final LocalNode node;
  private final NextHops nextHops;

  KernelReaction(LocalNode node, NextHops nextHops) {
    this.node = node;
    this.nextHops = nextHops;
  }

  void accept(List<NetlinkEvent> events) {
    events.forEach(this::accept);
  }

  private void accept(NetlinkEvent event) {
    switch (event) {
      case NetlinkEvent.LinkChanged(Link link) -> link(link);
      case NetlinkEvent.LinkRemoved(Link link) -> link(link);
      case NetlinkEvent.AddressChanged(Address address) -> address(address);
      case NetlinkEvent.AddressRemoved(Address address) -> address(address);
      case NetlinkEvent.RouteChanged(Route route) -> route(route);
      case NetlinkEvent.RouteRemoved(Route route) -> route(route);
      case NetlinkEvent.NeighbourChanged(Neighbour neighbour) -> {
        if (nextHops.changed(neighbour)) {
          node.makeStale();
        }
      }
      case NetlinkEvent.NeighbourRemoved(Neighbour neighbour) -> {
        if (nextHops.removed(neighbour)) {
          node.lookAtNextHops();
        }
      }
      case NetlinkEvent.Resync _ -> {
        node.lookAtUnderlay();
        node.lookAtDevices();
        node.lookAtNextHops();
        node.makeStale();
      }
    }
  }

  /**
   * Pods' devices are looked after by their endpoints. IPv4 routes that went with a device are not
   * told.
   */
  private void link(Link link) {
    if (link.name().startsWith("lxc")) {
      return;
    }
    if (HostDevices.isOurs(link.name())) {
      node.lookAtDevices();
    } else {
      node.lookAtUnderlay();
      node.lookAtRoutes();
    }
  }

  /** Every pod's device brings a link-local address, which means nothing to the node. */
  private void address(Address address) {
    if (!address.prefix().address().isLinkLocalAddress()) {
      node.lookAtUnderlay();
      node.lookAtDevices();
    }
  }

  /** Any route may change where a flow goes; ours may need repair. */
  private void route(Route route) {
    var destination = route.destination().address();
    if (route.table() != Route.TABLE_MAIN
        || route.type() != Route.Type.UNICAST
        || destination.isLinkLocalAddress()
        || destination.isMulticastAddress()) {
      return;
    }
    if (route.protocol() == RoutePlan.PROTOCOL) {
      node.lookAtRoutes();
      return;
    }
    if (route.destination().length() == 0) {
      node.lookAtUnderlay();
      node.lookAtNextHops();
    }
    node.makeStale();
  }
}
