// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link HostDevices} and the kernel parameters as they shall be. Belongs to the control
 * thread.
 */
final class OwnDevices {
  private static final Logger LOG = LoggerFactory.getLogger(OwnDevices.class);

  /** The devices as they are in the kernel. */
  record Present(Link host, Link net, Optional<Link> tunnel) {
    int tunnelIndex() {
      return tunnel.map(Link::index).orElse(0);
    }
  }

  private final Settings settings;
  private final NetlinkSocket netlink;
  private final Sysctls sysctls;
  private volatile Optional<Present> present = Optional.empty();

  OwnDevices(Settings settings, NetlinkSocket netlink, Sysctls sysctls) {
    this.settings = settings;
    this.netlink = netlink;
    this.sysctls = sysctls;
  }

  /** Any thread. */
  Optional<Present> present() {
    return present;
  }

  /** False if nothing had to be done. */
  boolean reconcile(int mtu, List<IpAddress> routers) {
    var families = settings.families();
    boolean changed = sysctls.apply(Sysctls.ofNode(families.v4(), families.v6()), true);
    int port = settings.routing().isTunnel() ? settings.routing().tunnelPort() : 0;
    var links = links();
    var steps =
        HostDevices.plan(new HostDevices.Desired(mtu, port, routers), links, hostAddresses(links));
    if (!steps.isEmpty()) {
      LOG.debug("devices: {}", steps);
      HostDevices.apply(steps, netlink);
      links = links();
    }
    for (var link : links) {
      changed |= sysctls.apply(Sysctls.ofDevice(link.name(), families.v4(), families.v6()), false);
    }
    var host = find(links, HostDevices.HOST);
    var net = find(links, HostDevices.NET);
    if (host.isEmpty() || net.isEmpty()) {
      throw new IllegalStateException("cilium_host went away while it was made");
    }
    var now = Optional.of(new Present(host.get(), net.get(), find(links, HostDevices.VXLAN)));
    changed |= !steps.isEmpty() || !now.equals(present);
    present = now;
    return changed;
  }

  private List<Link> links() {
    var links = new ArrayList<Link>();
    for (var name : List.of(HostDevices.HOST, HostDevices.NET, HostDevices.VXLAN)) {
      netlink.find(Links.byName(name)).ifPresent(links::add);
    }
    return links;
  }

  private List<Address> hostAddresses(List<Link> links) {
    return find(links, HostDevices.HOST)
        .map(host -> netlink.list(Addresses.of(host.index())))
        .orElse(List.of());
  }

  private static Optional<Link> find(List<Link> links, String name) {
    return links.stream().filter(link -> link.name().equals(name)).findFirst();
  }
}
