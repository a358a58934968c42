// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import io.jilium.agent.endpoint.PodNetwork;
import io.jilium.agent.node.Inet;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Change;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.netlink.Scope;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.util.ArrayList;
import java.util.List;

/**
 * A pod of the agent itself, in a namespace that lives as long as the agent: other nodes reach it
 * as they reach any pod, and so learn whether the path between pods works. Its device on the node
 * is lxc_health.
 */
public final class HealthEndpoint implements AutoCloseable {
  public static final String DEVICE = "lxc_health";
  private static final String INSIDE = "eth0";

  private final Netns netns;
  private final HelloServer server;
  private final Link device;
  private final MacAddress mac;

  private HealthEndpoint(Netns netns, HelloServer server, Link device, MacAddress mac) {
    this.netns = netns;
    this.server = server;
    this.device = device;
    this.mac = mac;
  }

  /** Makes it anew; what an agent before left of it is removed first. */
  public static HealthEndpoint create(
      NetlinkSocket onNode, PodNetwork network, List<IpAddress> addresses) {
    onNode.apply(Links.delete(DEVICE));
    var netns = Netns.createUnnamed();
    try (var inside = NetlinkSocket.open(netns)) {
      onNode.apply(
          Links.createVeth(
              LinkSettings.named(DEVICE).mtu(network.deviceMtu()).up(),
              LinkSettings.named(INSIDE).mtu(network.deviceMtu()).netns(netns)));
      // A responder has no use for duplicate detection, which would keep its address unusable for a
      // second.
      netns.execute(() -> Sysctl.write("net/ipv6/conf/" + INSIDE + "/accept_dad", 0));
      inside.apply(Links.set("lo", LinkSettings.none().up()));
      inside.apply(Links.set(INSIDE, LinkSettings.none().up()));
      var eth0 = inside.find(Links.byName(INSIDE)).orElseThrow();
      inside.apply(configuration(eth0.index(), network, addresses));
      var device = onNode.find(Links.byName(DEVICE)).orElseThrow();
      var server = netns.run(() -> HelloServer.open(HelloServer.PORT)).start();
      return new HealthEndpoint(netns, server, device, Inet.model(eth0.mac()));
    } catch (RuntimeException e) {
      netns.close();
      onNode.apply(Links.delete(DEVICE));
      throw e;
    }
  }

  /**
   * Addresses, a link route to the router and the default route through it, as every pod has them.
   */
  private static List<Change> configuration(
      int eth0, PodNetwork network, List<IpAddress> addresses) {
    var changes = new ArrayList<Change>();
    for (var address : addresses) {
      var prefix = Prefix.host(Inet.of(address));
      var own = Address.of(eth0, prefix);
      changes.add(Addresses.add(address.isV4() ? own : own.flags(Address.Flag.NODAD)));
      var router = address.isV4() ? network.routerIpv4() : network.routerIpv6();
      router.ifPresent(gateway -> {
        var via = Inet.of(gateway);
        changes.add(Routes.replace(Route.to(Prefix.host(via)).device(eth0).scope(Scope.LINK)));
        changes.add(
            Routes.replace(
                Route.toAll(Family.of(via)).via(via).device(eth0).mtu(network.routeMtu())));
      });
    }
    return changes;
  }

  public int ifindex() {
    return device.index();
  }

  /** Of lxc_health. */
  public MacAddress nodeMac() {
    return Inet.model(device.mac());
  }

  /** Of the device inside. */
  public MacAddress mac() {
    return mac;
  }

  /** Whether the device is still there: somebody may have removed it. */
  public boolean isWhole(NetlinkSocket onNode) {
    return onNode
        .find(Links.byName(DEVICE))
        .filter(link -> link.index() == device.index())
        .isPresent();
  }

  /** The device goes with its namespace. */
  @Override
  public void close() {
    server.close();
    netns.close();
  }
}
