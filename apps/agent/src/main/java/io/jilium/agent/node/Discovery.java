// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which devices lead to other nodes and the world: those that the setting names, else those of the
 * default routes, else those with a global address. Pure.
 *
 * @param underlays the direct routing device first
 */
public record Discovery(List<Underlay> underlays) {
  public Discovery {
    underlays = List.copyOf(underlays);
  }

  /**
   * Looks at what the kernel lists.
   *
   * @param wanted names, a trailing {@code +} matches any rest; empty: to be found
   */
  public static Discovery of(
      List<String> wanted, List<Link> links, List<Address> addresses, List<Route> routes) {
    var defaults = defaultRouteDevices(routes);
    var candidates = new ArrayList<Underlay>();
    for (var link : links) {
      boolean chosen =
          wanted.isEmpty()
              ? isCandidate(link)
              : wanted.stream().anyMatch(w -> matches(w, link.name()));
      if (chosen) {
        candidates.add(underlay(link, addresses));
      }
    }
    if (wanted.isEmpty()) {
      boolean byRoute = candidates.stream().anyMatch(u -> defaults.contains(u.index()));
      candidates.removeIf(u -> byRoute ? !defaults.contains(u.index()) : u.addresses().isEmpty());
    }
    var order = List.copyOf(defaults);
    candidates.sort(
        Comparator.<Underlay>comparingInt(u -> u.address(true).isPresent() ? 0 : 1)
            .thenComparingInt(
                u -> order.contains(u.index()) ? order.indexOf(u.index()) : order.size())
            .thenComparingInt(Underlay::index));
    return new Discovery(candidates);
  }

  /** The device through which other nodes are reached. */
  public Optional<Underlay> directRouting() {
    return underlays.stream().findFirst().filter(u -> !u.addresses().isEmpty());
  }

  /** The address that other nodes use. */
  public Optional<IpAddress> nodeAddress(boolean v4) {
    return underlays.stream().flatMap(u -> u.address(v4).stream()).findFirst();
  }

  /** The smallest MTU of all devices; 1500 when there is none. */
  public int mtu() {
    return underlays.stream().mapToInt(Underlay::mtu).min().orElse(1500);
  }

  private static Set<Integer> defaultRouteDevices(List<Route> routes) {
    var devices = new LinkedHashSet<Integer>();
    routes.stream()
        .filter(r -> r.destination().length() == 0 && r.table() == Route.TABLE_MAIN)
        .filter(r -> r.type() == Route.Type.UNICAST)
        .sorted(Comparator.comparingInt(Route::priority))
        .forEach(r -> r.device().ifPresent(devices::add));
    return devices;
  }

  private static boolean matches(String wanted, String name) {
    return wanted.endsWith("+")
        ? name.startsWith(wanted.substring(0, wanted.length() - 1))
        : wanted.equals(name);
  }

  private static boolean isCandidate(Link link) {
    boolean sort =
        switch (link.kind()) {
          case LinkKind.Bridge _, LinkKind.Dummy _, LinkKind.Vxlan _ -> false;
          case LinkKind.Veth _, LinkKind.Other _ -> true;
        };
    return sort
        && link.isUp()
        && !link.isLoopback()
        && link.master().isEmpty()
        && !HostDevices.isOurs(link.name());
  }

  private static Underlay underlay(Link link, List<Address> addresses) {
    var own = new ArrayList<IpAddress>();
    var networks = new ArrayList<IpPrefix>();
    for (var address : addresses) {
      var ip = Inet.model(address.prefix().address());
      if (address.device() != link.index() || address.scope() != Scope.GLOBAL || ip.isLinkLocal()) {
        continue;
      }
      if (!own.contains(ip)) {
        own.add(ip);
      }
      var network = Inet.model(address.prefix());
      if (network.length() < ip.bitCount()) {
        networks.add(network);
      }
    }
    return new Underlay(
        link.name(), link.index(), link.mtu(), Inet.model(link.mac()), own, networks);
  }
}
