// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.table.Change;
import io.jilium.agent.table.Target;
import io.jilium.core.model.IpPrefix;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import java.util.LinkedHashMap;
import java.util.Map;

/** The routes of the main table that carry our protocol number; all others are somebody else's. */
final class RouteTarget implements Target<IpPrefix, Route> {
  private final NetlinkSocket netlink;

  RouteTarget(NetlinkSocket netlink) {
    this.netlink = netlink;
  }

  @Override
  public Map<IpPrefix, Route> actual() {
    var routes = new LinkedHashMap<IpPrefix, Route>();
    for (var family : new Family[] {Family.IPV4, Family.IPV6}) {
      for (var route : netlink.list(Routes.table(family, Route.TABLE_MAIN))) {
        if (route.protocol() == RoutePlan.PROTOCOL) {
          routes.put(Inet.model(route.destination()), route);
        }
      }
    }
    return routes;
  }

  @Override
  public void apply(Change<IpPrefix, Route> change) {
    switch (change) {
      case Change.Add<IpPrefix, Route> add -> {
        if (!netlink.apply(Routes.add(add.value())) && !actual().containsKey(add.key())) {
          throw new IllegalStateException(
              "route to " + add.key() + " exists and is not ours; it is left alone");
        }
      }
      case Change.Update<IpPrefix, Route> update -> replace(update.before(), update.value());
      case Change.Remove<IpPrefix, Route> remove -> netlink.apply(Routes.delete(remove.before()));
    }
  }

  /**
   * The kernel replaces by destination and priority, and only IPv4 does so whatever the device;
   * elsewhere the old one goes after the new.
   */
  private void replace(Route before, Route after) {
    netlink.apply(Routes.replace(after));
    if (!before.equals(after)
        && before.destination().family() == Family.IPV6
        && !before.device().equals(after.device())) {
      netlink.apply(Routes.delete(before));
    }
  }
}
