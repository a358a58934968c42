// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.DeviceEntry;
import io.jilium.datapath.EndpointEntry;
import io.jilium.datapath.EndpointFlag;
import io.jilium.datapath.IpcacheEntry;
import io.jilium.datapath.IpcacheFlag;
import io.jilium.datapath.MapSizes;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.netlink.Scope;
import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A node as an agent would set it up: devices, routes, programs and tables. */
final class Node implements AutoCloseable {
  static final int POD_MTU = 1450;
  private static final int MTU = 1500;
  private static final int VXLAN_PORT = 8472;
  private static final MapSizes SIZES = new MapSizes(8192, 256, 1024, 16, 256, 256, 1 << 18);
  private static final NumericIdentity HOST = ReservedIdentity.HOST.id();
  private static final NumericIdentity REMOTE_NODE = ReservedIdentity.REMOTE_NODE.id();
  private static final int CLUSTER = IpcacheFlag.CLUSTER.number();
  private static final IpAddress HERE = IpAddress.parse("0.0.0.0");

  private final int number;
  private final Netns netns;
  private final NetlinkSocket netlink;
  private Optional<Datapath> loaded = Optional.empty();

  /** The namespace has the underlay's devices already: eth0 to other nodes, eth1 to the world. */
  Node(int number, Netns netns) {
    this.number = number;
    this.netns = netns;
    this.netlink = NetlinkSocket.open(netns);
  }

  int number() {
    return number;
  }

  Netns netns() {
    return netns;
  }

  Datapath datapath() {
    return loaded.orElseThrow();
  }

  private int index(String device) {
    return Wires.index(netlink, device);
  }

  IpAddress underlay(boolean v4) {
    return IpAddress.parse(v4 ? "172.30.0." + number : "fd00:172:30::" + number);
  }

  private IpAddress world(boolean v4) {
    return IpAddress.parse(v4 ? "198.51.100.10" + number : "fd00:198::10" + number);
  }

  IpAddress router(boolean v4) {
    return IpAddress.parse(v4 ? "10.244." + number + ".1" : "fd00:10:244:" + number + "::1");
  }

  private IpPrefix podCidr(boolean v4) {
    return IpPrefix.parse(v4 ? "10.244." + number + ".0/24" : "fd00:10:244:" + number + "::/64");
  }

  /** Makes the node's own devices. */
  void makeDevices() {
    netns.execute(() -> {
      Wires.sysctls(List.of("ipv4/ip_forward", "ipv6/conf/all/forwarding"), 1);
      Wires.sysctls(List.of("ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter"), 0);
      Wires.sysctls(List.of("ipv6/conf/default/accept_dad"), 0);
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
      netlink.apply(
          Links.createVeth(
              LinkSettings.named("cilium_host").mtu(MTU).noArp(true).up(),
              LinkSettings.named("cilium_net").mtu(MTU).noArp(true)));
      netlink.apply(Links.set("cilium_net", LinkSettings.none().up()));
      netlink.apply(
          Links.create(
              LinkKind.Vxlan.external(VXLAN_PORT),
              LinkSettings.named("cilium_vxlan").mtu(MTU).up()));
      int host = index("cilium_host");
      for (boolean v4 : Wires.FAMILIES) {
        Wires.address(netlink, host, Wires.host(router(v4)));
        netlink.apply(
            Routes.replace(Route.to(Wires.host(router(v4))).device(host).scope(Scope.LINK)));
        netlink.apply(Routes.replace(throughHost(v4, host, podCidr(v4))));
        Wires.address(netlink, index("eth0"), Wires.onLink(underlay(v4)));
        Wires.address(netlink, index("eth1"), Wires.onLink(world(v4)));
      }
    });
  }

  private Route throughHost(boolean v4, int host, IpPrefix cidr) {
    var route = Route.to(Wires.prefix(cidr)).device(host);
    var router = Wires.inet(router(v4));
    return (v4 ? route.via(router) : route).source(router);
  }

  /** Loads the programs, attaches them to the node's devices and fills its own rows. */
  void load(boolean tunnel) {
    netns.execute(() -> {
      var datapath = Datapath.load(directory(), config(tunnel), netlink);
      loaded = Optional.of(datapath);
      for (boolean v4 : Wires.FAMILIES) {
        ownRow(underlay(v4), 0);
        ownRow(world(v4), 0);
        ownRow(router(v4), EndpointFlag.ROUTER.number());
      }
      underlayDevice("eth0", this::underlay);
      underlayDevice("eth1", this::world);
      datapath.attachHost("cilium_host", index("cilium_host"));
      datapath.attachOverlay("cilium_vxlan", index("cilium_vxlan"));
    });
  }

  private interface ByFamily {
    IpAddress of(boolean v4);
  }

  private void underlayDevice(String device, ByFamily masquerade) {
    var link = netlink.find(Links.byName(device)).orElseThrow();
    datapath()
        .devices()
        .put(
            link.index(),
            new DeviceEntry(masquerade.of(true), masquerade.of(false), MTU, Wires.mac(link.mac())));
    datapath().attachUnderlay(device, link.index());
  }

  private void ownRow(IpAddress address, int flags) {
    int all = EndpointFlag.HOST.number() | flags;
    datapath()
        .endpoints()
        .put(address, new EndpointEntry(0, HOST, 0, all, MacAddress.ZERO, MacAddress.ZERO));
    ipcache(IpPrefix.host(address), HOST, HERE, 0);
  }

  private void ipcache(IpPrefix prefix, NumericIdentity identity, IpAddress endpoint, int flags) {
    datapath().ipcache().put(prefix, new IpcacheEntry(identity, endpoint, flags, 0));
  }

  /** Makes what the programs are loaded with anew, for the other way of routing between nodes. */
  void reload(boolean tunnel) {
    netns.execute(() -> datapath().reload(config(tunnel)));
  }

  /** Adds a pod: devices, rows, program. */
  Pod addPod(String name, int host, int identity) {
    var pod = Wires.pod(this, name, host, identity);
    netns.execute(() -> datapath().attachPod(pod.device(), pod.ifindex()));
    for (boolean v4 : Wires.FAMILIES) {
      datapath()
          .endpoints()
          .put(
              pod.address(v4),
              new EndpointEntry(
                  pod.ifindex(),
                  new NumericIdentity(identity),
                  identity,
                  0,
                  pod.mac(),
                  pod.nodeMac()));
      ipcache(IpPrefix.host(pod.address(v4)), new NumericIdentity(identity), HERE, CLUSTER);
    }
    return pod;
  }

  /** Tells this node where another one and its pods are. */
  void learn(Node other, List<Pod> pods) {
    int tunnel = CLUSTER | IpcacheFlag.TUNNEL.number();
    int remote = IpcacheFlag.REMOTE_NODE.number();
    for (boolean v4 : Wires.FAMILIES) {
      ipcache(IpPrefix.host(other.underlay(v4)), REMOTE_NODE, HERE, remote);
      ipcache(IpPrefix.host(other.router(v4)), REMOTE_NODE, other.underlay(true), tunnel | remote);
      for (var pod : pods) {
        ipcache(
            IpPrefix.host(pod.address(v4)),
            new NumericIdentity(pod.identity()),
            other.underlay(true),
            tunnel);
      }
    }
  }

  /** Routes to the other node's pods: by the tunnel, or straight. */
  void route(Node other, boolean tunnel) {
    netns.execute(() -> {
      for (boolean v4 : Wires.FAMILIES) {
        var route =
            tunnel
                ? throughHost(v4, index("cilium_host"), other.podCidr(v4)).mtu(POD_MTU)
                : Route.to(Wires.prefix(other.podCidr(v4)))
                    .device(index("eth0"))
                    .via(Wires.inet(other.underlay(v4)));
        netlink.apply(Routes.replace(route));
      }
    });
  }

  private DatapathConfig config(boolean tunnel) {
    return config(
        number,
        new DatapathConfig.Devices(
            index("cilium_host"), index("cilium_net"), index("cilium_vxlan")),
        tunnel);
  }

  /** A configuration with every feature on; for loading alone. */
  static DatapathConfig anyConfig() {
    return config(1, new DatapathConfig.Devices(2, 3, 4), true);
  }

  private static DatapathConfig config(int number, DatapathConfig.Devices devices, boolean tunnel) {
    return new DatapathConfig(
        new DatapathConfig.Addresses(
            Optional.of(IpAddress.parse("10.244." + number + ".1")),
            Optional.of(IpAddress.parse("fd00:10:244:" + number + "::1")),
            Optional.of(IpAddress.parse("172.30.0." + number)),
            Optional.of(IpAddress.parse("fd00:172:30::" + number))),
        devices,
        tunnel ? DatapathConfig.Tunnel.VXLAN : DatapathConfig.Tunnel.NONE,
        new DatapathConfig.Masquerade(
            true,
            true,
            Optional.of(IpPrefix.parse("10.244.0.0/16")),
            Optional.of(IpPrefix.parse("fd00:10:244::/48")),
            50000,
            50999),
        true,
        true,
        tunnel ? POD_MTU : MTU,
        1000,
        128,
        true,
        SIZES);
  }

  /** Takes away what {@link #load} made. */
  void uninstall() {
    netns.execute(() -> {
      datapath().close();
      loaded = Optional.empty();
      Datapath.remove(directory(), netlink);
    });
  }

  private Path directory() {
    return Guest.BPFFS.resolve("jilium/node-" + number);
  }

  @Override
  public void close() {
    loaded.ifPresent(Datapath::close);
    netlink.close();
    netns.close();
  }
}
