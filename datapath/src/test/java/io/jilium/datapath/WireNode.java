// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.netlink.Scope;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One node of a {@link WireLab}: what an agent would set up, done by hand. */
final class WireNode implements AutoCloseable {
  private static final int HOST = 1;

  final int number;
  final Netns netns;
  private final Path pins;
  private final boolean tunnel;
  private final boolean clsact;
  private final NetlinkSocket netlink;
  private final int eth0;
  private final int host;
  private final int net;
  private final int vxlan;
  private Datapath datapath;

  WireNode(int number, Netns netns, Path pins, boolean tunnel, boolean clsact) {
    this.number = number;
    this.netns = netns;
    this.pins = pins;
    this.tunnel = tunnel;
    this.clsact = clsact;
    this.netlink = NetlinkSocket.open(netns);
    netns.execute(this::prepare);
    this.eth0 = link("eth0").index();
    this.host = link("cilium_host").index();
    this.net = link("cilium_net").index();
    this.vxlan = link("cilium_vxlan").index();
    addresses();
    this.datapath = start();
    fill();
  }

  String underlay(boolean v4) {
    return v4 ? "172.30.0." + number : "fd00:172:30::" + number;
  }

  String router(boolean v4) {
    return v4 ? "10.244.%d.1".formatted(number) : "fd00:10:244:%d::1".formatted(number);
  }

  String pod(int pod, boolean v4) {
    return v4 ? "10.244.%d.%d".formatted(number, pod) : "fd00:10:244:%d::%d".formatted(number, pod);
  }

  String range(boolean v4) {
    return v4 ? "10.244.%d.0/24".formatted(number) : "fd00:10:244:%d::/64".formatted(number);
  }

  Datapath datapath() {
    return datapath;
  }

  private Link link(String name) {
    return netlink.find(Links.byName(name)).orElseThrow();
  }

  private void prepare() {
    for (var name :
        List.of(
            "net/ipv4/ip_forward",
            "net/ipv6/conf/all/forwarding",
            "net/ipv6/conf/default/forwarding")) {
      Sysctl.write(name, 1);
    }
    for (var name : List.of("net/ipv4/conf/all/rp_filter", "net/ipv4/conf/default/rp_filter")) {
      Sysctl.write(name, 0);
    }
    netlink.apply(
        Links.createVeth(LinkSettings.named("cilium_host"), LinkSettings.named("cilium_net")));
    for (var name : List.of("cilium_host", "cilium_net")) {
      netlink.apply(Links.set(name, LinkSettings.none().noArp(true).up()));
    }
    netlink.apply(
        Links.create(
            LinkKind.Vxlan.external(8472), LinkSettings.named("cilium_vxlan").mtu(1450).up()));
  }

  private void addresses() {
    for (boolean v4 : new boolean[] {true, false}) {
      add(netlink, eth0, underlay(v4) + (v4 ? "/24" : "/64"));
      add(netlink, host, router(v4) + (v4 ? "/32" : "/128"));
      var gateway = inet(v4 ? "172.30.0.254" : "fd00:172:30::fe");
      netlink.apply(
          Routes.add(Route.toAll(v4 ? Family.IPV4 : Family.IPV6).device(eth0).via(gateway)));
      netlink.apply(
          Routes.add(Route.to(Prefix.parse(range(v4))).device(host).source(inet(router(v4)))));
    }
  }

  /** The way to another node's pods, and what the tables say of it. */
  void meet(WireNode other) {
    for (boolean v4 : new boolean[] {true, false}) {
      var route = Route.to(Prefix.parse(other.range(v4)));
      netlink.apply(
          Routes.add(
              tunnel
                  ? route.device(host).source(inet(router(v4))).mtu(1450)
                  : route.device(eth0).via(inet(other.underlay(v4)))));
      ipcache(other.underlay(v4), 6, "0.0.0.0", IpcacheFlag.REMOTE_NODE.number());
      ipcache(other.router(v4), 6, other.underlay(true), IpcacheFlag.TUNNEL.number());
    }
    datapath.runtime().bumpEpoch();
  }

  /** A pod of this node as another node knows it. */
  void know(WireNode other, int pod) {
    int flags = IpcacheFlag.CLUSTER.number() | IpcacheFlag.TUNNEL.number();
    for (boolean v4 : new boolean[] {true, false}) {
      ipcache(other.pod(pod, v4), other.identity(pod), other.underlay(true), flags);
    }
    datapath.runtime().bumpEpoch();
  }

  int identity(int pod) {
    return 1000 * number + pod;
  }

  /** Makes a pod's device, addresses and routes, and attaches the program. */
  void addPod(int pod, Netns inside) {
    var name = "lxc" + pod;
    netlink.apply(
        Links.createVeth(
            LinkSettings.named(name).mtu(1500), LinkSettings.named("eth0").netns(inside)));
    netlink.apply(Links.set(name, LinkSettings.none().up()));
    var outer = link(name);
    try (var podLink = NetlinkSocket.open(inside)) {
      podLink.apply(Links.set("lo", LinkSettings.none().up()));
      podLink.apply(Links.set("eth0", LinkSettings.none().up()));
      var inner = podLink.find(Links.byName("eth0")).orElseThrow();
      for (boolean v4 : new boolean[] {true, false}) {
        add(podLink, inner.index(), pod(pod, v4) + (v4 ? "/32" : "/128"));
        podLink.apply(
            Routes.add(Route.to(Prefix.parse(router(v4))).device(inner.index()).scope(Scope.LINK)));
        podLink.apply(
            Routes.add(
                Route.toAll(v4 ? Family.IPV4 : Family.IPV6)
                    .device(inner.index())
                    .via(inet(router(v4)))
                    .mtu(tunnel ? 1450 : 1500)));
        datapath
            .endpoints()
            .put(
                IpAddress.parse(pod(pod, v4)),
                new EndpointEntry(
                    outer.index(),
                    new NumericIdentity(identity(pod)),
                    identity(pod),
                    0,
                    new MacAddress(inner.mac().value()),
                    new MacAddress(outer.mac().value())));
        ipcache(pod(pod, v4), identity(pod), "0.0.0.0", IpcacheFlag.CLUSTER.number());
      }
    }
    netns.execute(() -> datapath.attachPod(name, outer.index()));
    datapath.runtime().bumpEpoch();
  }

  private Datapath start() {
    var devices = new DatapathConfig.Devices(host, net, tunnel ? vxlan : 0);
    var config =
        new DatapathConfig(
            new DatapathConfig.Addresses(
                Optional.of(IpAddress.parse(router(true))),
                Optional.of(IpAddress.parse(router(false))),
                Optional.of(IpAddress.parse(underlay(true))),
                Optional.of(IpAddress.parse(underlay(false)))),
            devices,
            tunnel ? DatapathConfig.Tunnel.VXLAN : DatapathConfig.Tunnel.NONE,
            new DatapathConfig.Masquerade(
                true,
                true,
                Optional.of(IpPrefix.parse("10.244.0.0/16")),
                Optional.of(IpPrefix.parse("fd00:10:244::/48")),
                50000,
                59999),
            true,
            true,
            tunnel ? 1450 : 1500,
            1000,
            128,
            true,
            new MapSizes(16384, 256, 1024, 16, 1024, 256, 1 << 20));
    return netns.run(() -> {
      var fresh =
          clsact
              ? Datapath.loadForClsact(pins, config, netlink)
              : Datapath.load(pins, config, netlink);
      fresh.attachUnderlay("eth0", eth0);
      fresh.attachHost("cilium_host", host);
      fresh.attachOverlay("cilium_vxlan", vxlan);
      for (var link : netlink.list(Links.all())) {
        if (link.name().startsWith("lxc")) {
          fresh.attachPod(link.name(), link.index());
        }
      }
      fresh.runtime().aggregation(Aggregation.MEDIUM, 1250);
      return fresh;
    });
  }

  /** As when an agent dies and another one starts. */
  void restart() {
    datapath.close();
    datapath = start();
  }

  private void fill() {
    var mac = new MacAddress(link("eth0").mac().value());
    int flags = EndpointFlag.HOST.number();
    for (boolean v4 : new boolean[] {true, false}) {
      for (var address : List.of(underlay(v4), router(v4))) {
        boolean isRouter = address.equals(router(v4));
        datapath
            .endpoints()
            .put(
                IpAddress.parse(address),
                new EndpointEntry(
                    0,
                    new NumericIdentity(HOST),
                    0,
                    isRouter ? flags | EndpointFlag.ROUTER.number() : flags,
                    mac,
                    mac));
        ipcache(address, HOST, "0.0.0.0", 0);
      }
    }
    datapath
        .devices()
        .put(
            eth0,
            new DeviceEntry(
                IpAddress.parse(underlay(true)), IpAddress.parse(underlay(false)), 1500, mac));
    datapath.runtime().bumpEpoch();
  }

  private void ipcache(String address, int identity, String tunnelEndpoint, int flags) {
    datapath
        .ipcache()
        .put(
            IpPrefix.host(IpAddress.parse(address)),
            new IpcacheEntry(
                new NumericIdentity(identity), IpAddress.parse(tunnelEndpoint), flags, 0));
  }

  static void add(NetlinkSocket netlink, int device, String address) {
    netlink.apply(
        Addresses.add(Address.of(device, Prefix.parse(address)).flags(Address.Flag.NODAD)));
  }

  private static InetAddress inet(String address) {
    return InetAddress.ofLiteral(address);
  }

  @Override
  public void close() {
    datapath.close();
    netlink.close();
  }
}
