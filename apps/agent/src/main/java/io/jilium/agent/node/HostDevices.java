// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The devices of the node itself: the pair cilium_host and cilium_net, whose first end has the
 * router addresses, and the tunnel device. {@link #plan} is pure.
 */
public final class HostDevices {
  public static final String HOST = "cilium_host";
  public static final String NET = "cilium_net";
  public static final String VXLAN = "cilium_vxlan";

  /**
   * What shall be.
   *
   * @param tunnelPort 0: no tunnel device
   */
  public record Desired(int mtu, int tunnelPort, List<IpAddress> routers) {
    public Desired {
      routers = List.copyOf(routers);
    }
  }

  /** One step. Names are used where a device may not exist yet. */
  public sealed interface Step {
    /** Both ends at once; up, without ARP. */
    record CreatePair(int mtu) implements Step {}

    record CreateTunnel(int port, int mtu) implements Step {}

    /** A device of our name and another kind, or one that is not wanted any more. */
    record Delete(String name) implements Step {}

    /** Up and without ARP where that is not so. */
    record Adjust(String name, int mtu, boolean noArp) implements Step {}

    record AddAddress(IpAddress address) implements Step {}

    record RemoveAddress(Address address) implements Step {}
  }

  private HostDevices() {}

  /** Devices that the agent makes. */
  public static boolean isOurs(String name) {
    return name.startsWith("cilium_") || name.startsWith("lxc");
  }

  /** What makes the actual devices the desired ones. addresses are those of cilium_host. */
  public static List<Step> plan(Desired desired, List<Link> links, List<Address> addresses) {
    var steps = new ArrayList<Step>();
    boolean pairIsNew = planPair(desired, links, steps);
    planAddresses(desired, pairIsNew ? List.of() : addresses, steps);
    planTunnel(desired, find(links, VXLAN), steps);
    return steps;
  }

  private static boolean planPair(Desired desired, List<Link> links, List<Step> steps) {
    var host = find(links, HOST);
    var net = find(links, NET);
    boolean whole =
        host.isPresent()
            && net.isPresent()
            && host.get().kind() instanceof LinkKind.Veth
            && host.get().parent().orElse(0) == net.get().index();
    if (!whole) {
      host.ifPresent(link -> steps.add(new Step.Delete(link.name())));
      net.ifPresent(link -> steps.add(new Step.Delete(link.name())));
      steps.add(new Step.CreatePair(desired.mtu()));
      return true;
    }
    adjust(host.get(), desired.mtu(), true, steps);
    adjust(net.get(), desired.mtu(), true, steps);
    return false;
  }

  private static void planAddresses(Desired desired, List<Address> addresses, List<Step> steps) {
    var present = new HashSet<IpAddress>();
    var stale = new ArrayList<Step>();
    for (var address : addresses) {
      var ip = Inet.model(address.prefix().address());
      if (ip.isLinkLocal()) {
        continue;
      }
      if (desired.routers().contains(ip) && address.prefix().isHost()) {
        present.add(ip);
      } else if (desired.routers().stream().anyMatch(r -> r.isV4() == ip.isV4())) {
        stale.add(new Step.RemoveAddress(address));
      }
    }
    for (var router : desired.routers()) {
      if (!present.contains(router)) {
        steps.add(new Step.AddAddress(router));
      }
    }
    steps.addAll(stale);
  }

  private static void planTunnel(Desired desired, Optional<Link> tunnel, List<Step> steps) {
    boolean fits =
        tunnel.isPresent()
            && tunnel.get().kind() instanceof LinkKind.Vxlan vxlan
            && vxlan.external()
            && vxlan.port() == desired.tunnelPort();
    if (tunnel.isPresent() && (!fits || desired.tunnelPort() == 0)) {
      steps.add(new Step.Delete(VXLAN));
    }
    if (desired.tunnelPort() == 0) {
      return;
    }
    if (fits) {
      adjust(tunnel.get(), desired.mtu(), false, steps);
    } else {
      steps.add(new Step.CreateTunnel(desired.tunnelPort(), desired.mtu()));
    }
  }

  private static void adjust(Link link, int mtu, boolean noArp, List<Step> steps) {
    if (!link.isUp() || link.mtu() != mtu || link.isNoArp() != noArp) {
      steps.add(new Step.Adjust(link.name(), mtu, noArp));
    }
  }

  private static Optional<Link> find(List<Link> links, String name) {
    return links.stream().filter(link -> link.name().equals(name)).findFirst();
  }

  /** Performs the steps in their order. */
  static void apply(List<Step> steps, NetlinkSocket netlink) {
    for (var step : steps) {
      switch (step) {
        case Step.CreatePair(int mtu) -> createPair(mtu, netlink);
        case Step.CreateTunnel(int port, int mtu) ->
            netlink.apply(
                Links.create(
                    LinkKind.Vxlan.external(port), LinkSettings.named(VXLAN).mtu(mtu).up()));
        case Step.Delete(String name) -> netlink.apply(Links.delete(name));
        case Step.Adjust(String name, int mtu, boolean noArp) ->
            netlink.apply(Links.set(name, LinkSettings.none().mtu(mtu).noArp(noArp).up()));
        case Step.AddAddress(IpAddress address) -> addAddress(address, netlink);
        case Step.RemoveAddress(Address address) -> netlink.apply(Addresses.delete(address));
      }
    }
  }

  private static void createPair(int mtu, NetlinkSocket netlink) {
    netlink.apply(
        Links.createVeth(
            LinkSettings.named(HOST).mtu(mtu).noArp(true).up(), LinkSettings.named(NET).mtu(mtu)));
    netlink.apply(Links.set(NET, LinkSettings.none().noArp(true).up()));
  }

  private static void addAddress(IpAddress address, NetlinkSocket netlink) {
    int device = netlink.find(Links.byName(HOST)).map(Link::index).orElse(0);
    var added = Address.of(device, Prefix.host(Inet.of(address)));
    netlink.apply(Addresses.add(address.isV4() ? added : added.flags(Address.Flag.NODAD)));
  }
}
