// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.DeviceEntry;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.netlink.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The devices towards other nodes and the world as they were found last, and the addresses of the
 * node itself.
 */
final class Underlays {
  /** What was found; compared as a whole. */
  record Found(Discovery discovery, Set<IpAddress> ownAddresses) {}

  private final Settings settings;
  private final NetlinkSocket netlink;
  private volatile Found found = new Found(new Discovery(List.of()), Set.of());

  Underlays(Settings settings, NetlinkSocket netlink) {
    this.settings = settings;
    this.netlink = netlink;
  }

  /** Looks again; false if nothing changed. */
  boolean look() {
    var links = netlink.list(Links.all());
    var addresses = netlink.list(Addresses.all());
    var routes = new ArrayList<Route>();
    for (var family : new Family[] {Family.IPV4, Family.IPV6}) {
      routes.addAll(
          netlink.list(
              Routes.table(family, Route.TABLE_MAIN).where(r -> r.destination().length() == 0)));
    }
    var now =
        new Found(
            Discovery.of(settings.devices(), links, addresses, routes),
            ownAddresses(links, addresses));
    boolean changed = !now.equals(found);
    found = now;
    return changed;
  }

  /** Any thread. */
  Discovery discovery() {
    return found.discovery();
  }

  /** Global addresses of all devices that the agent did not make. Any thread. */
  Set<IpAddress> ownAddresses() {
    return found.ownAddresses();
  }

  int deviceMtu() {
    return settings.mtu() != 0 ? settings.mtu() : discovery().mtu();
  }

  /** What a packet may have on its way to another node. */
  int routeMtu() {
    return routeMtu(deviceMtu(), settings.routing().isTunnel());
  }

  static int routeMtu(int deviceMtu, boolean tunnel) {
    return tunnel ? deviceMtu - Settings.TUNNEL_OVERHEAD : deviceMtu;
  }

  Map<Integer, DeviceEntry> deviceEntries() {
    var entries = new LinkedHashMap<Integer, DeviceEntry>();
    for (var underlay : discovery().underlays()) {
      entries.put(
          underlay.index(),
          new DeviceEntry(
              masquerade(underlay, true, settings.masquerade().v4()),
              masquerade(underlay, false, settings.masquerade().v6()),
              underlay.mtu(),
              underlay.mac()));
    }
    return entries;
  }

  private static IpAddress masquerade(Underlay underlay, boolean v4, boolean enabled) {
    return enabled ? underlay.address(v4).orElse(DeviceEntry.NONE) : DeviceEntry.NONE;
  }

  private static Set<IpAddress> ownAddresses(List<Link> links, List<Address> addresses) {
    var others =
        links.stream()
            .filter(link -> !HostDevices.isOurs(link.name()) && !link.isLoopback())
            .map(Link::index)
            .collect(Collectors.toSet());
    var own = new LinkedHashSet<IpAddress>();
    for (var address : addresses) {
      var ip = Inet.model(address.prefix().address());
      if (others.contains(address.device())
          && address.scope() == Scope.GLOBAL
          && !ip.isLinkLocal()) {
        own.add(ip);
      }
    }
    return own;
  }
}
