// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Scope;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which routes the node shall have, as a pure function of what is known of the cluster.
 *
 * @param routes by destination
 * @param skipped destinations without a route, and why in one sentence
 */
public record RoutePlan(Map<IpPrefix, Route> routes, Map<IpPrefix, String> skipped) {
  /** RTPROT_*: marks the agent's routes, so that other people's are never touched. */
  public static final int PROTOCOL = 74;

  /**
   * What routes are made from.
   *
   * @param self the own node, with router addresses and pod CIDRs as far as known
   * @param lodgers addresses of the own node's pods outside of its pod CIDRs
   * @param others the other nodes, in the order in which they win when pod CIDRs overlap
   * @param hostDevice index of cilium_host
   * @param routeMtu largest packet that fits the tunnel
   */
  public record Inputs(
      Node self,
      Collection<IpAddress> lodgers,
      Collection<Node> others,
      Settings.Routing routing,
      Settings.Families families,
      int hostDevice,
      int routeMtu,
      Optional<Underlay> directRouting) {
    public Inputs {
      lodgers = List.copyOf(lodgers);
      others = List.copyOf(others);
    }
  }

  public RoutePlan {
    routes = Collections.unmodifiableMap(new LinkedHashMap<>(routes));
    skipped = Collections.unmodifiableMap(new LinkedHashMap<>(skipped));
  }

  public static RoutePlan of(Inputs inputs) {
    var draft = new Draft(inputs);
    if (inputs.families().v4()) {
      draft.family(true);
    }
    if (inputs.families().v6()) {
      draft.family(false);
    }
    return new RoutePlan(draft.routes, draft.skipped);
  }

  private static final class Draft {
    private final Inputs inputs;
    private final Map<IpPrefix, Route> routes = new LinkedHashMap<>();
    private final Map<IpPrefix, String> skipped = new LinkedHashMap<>();

    Draft(Inputs inputs) {
      this.inputs = inputs;
    }

    /** To an IPv6 address of a device the kernel makes the route itself. */
    void family(boolean v4) {
      var router = inputs.self().routerAddress(v4);
      if (router.isEmpty()) {
        return;
      }
      if (v4) {
        var toRouter = IpPrefix.of(router.get(), router.get().bitCount());
        routes.put(
            toRouter,
            Route.to(Inet.of(toRouter))
                .device(inputs.hostDevice())
                .scope(Scope.LINK)
                .protocol(PROTOCOL));
      }
      for (var cidr : inputs.self().podCidrs(v4)) {
        routes.put(cidr, throughHost(cidr, router.get()));
      }
      for (var node : inputs.others()) {
        for (var cidr : node.podCidrs(v4)) {
          remote(node, cidr, router.get());
        }
      }
      // After the nodes: their CIDRs may contain these by now.
      for (var lodger : inputs.lodgers()) {
        if (lodger.isV4() == v4) {
          var alone = IpPrefix.of(lodger, lodger.bitCount());
          routes.put(alone, throughHost(alone, router.get()));
        }
      }
    }

    private void remote(Node node, IpPrefix cidr, IpAddress router) {
      for (var known : routes.keySet()) {
        if (known.overlaps(cidr)) {
          skipped.put(
              cidr,
              "pod CIDR "
                  + cidr
                  + " of node "
                  + node.name()
                  + " overlaps "
                  + known
                  + ", which is in use");
          return;
        }
      }
      if (inputs.routing().isTunnel()) {
        routes.put(cidr, throughHost(cidr, router).mtu(inputs.routeMtu()));
      } else if (inputs.routing().autoDirectNodeRoutes()) {
        direct(node, cidr);
      }
    }

    private void direct(Node node, IpPrefix cidr) {
      var gateway = node.address(cidr.isV4());
      if (gateway.isEmpty()) {
        skipped.put(
            cidr,
            "node "
                + node.name()
                + " has no IPv"
                + (cidr.isV4() ? 4 : 6)
                + " address to route "
                + cidr
                + " to");
        return;
      }
      var device = inputs.directRouting().filter(underlay -> underlay.isOnLink(gateway.get()));
      if (device.isEmpty()) {
        skipped.put(
            cidr,
            "node "
                + node.name()
                + " ("
                + gateway.get()
                + ") is not on a network of this node, so "
                + cidr
                + " has no direct route");
        return;
      }
      routes.put(
          cidr,
          Route.to(Inet.of(cidr))
              .via(Inet.of(gateway.get()))
              .device(device.get().index())
              .protocol(PROTOCOL));
    }

    /**
     * IPv6 refuses a gateway that is an address of the node itself; cilium_host asks nobody for
     * neighbours, so it needs none.
     */
    private Route throughHost(IpPrefix cidr, IpAddress router) {
      var route = Route.to(Inet.of(cidr)).device(inputs.hostDevice()).protocol(PROTOCOL);
      return (cidr.isV4() ? route.via(Inet.of(router)) : route).source(Inet.of(router));
    }
  }
}
