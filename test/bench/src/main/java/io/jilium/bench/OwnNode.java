// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.datapath.Aggregation;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.DeviceEntry;
import io.jilium.datapath.EndpointEntry;
import io.jilium.datapath.EndpointFlag;
import io.jilium.datapath.IpcacheEntry;
import io.jilium.datapath.IpcacheFlag;
import io.jilium.datapath.MapSizes;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.Neighbour;
import io.jilium.linux.netlink.Neighbours;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A node that runs our programs without an agent: devices and tables are written by hand. Node N
 * has the underlay address 10.79.0.N, the router address 10.78.N.1 and pods from 10.78.N.2.
 */
final class OwnNode implements AutoCloseable {
  private static final int JIFFIES = 5000;
  private static final int POD_MTU = 1450;

  private final int number;
  private final Netns netns = Netns.createUnnamed();
  private final NetlinkSocket kernel = NetlinkSocket.open(netns);
  private final Path directory;
  private Optional<Datapath> datapath = Optional.empty();

  OwnNode(int number) {
    this.number = number;
    this.directory =
        Path.of(
            "/sys/fs/bpf", "jilium-bench-%d-%d".formatted(ProcessHandle.current().pid(), number));
    netns.execute(() -> Sysctl.write("net/ipv4/ip_forward", 1));
    kernel.apply(Links.set("lo", LinkSettings.none().up()));
    kernel.apply(
        Links.createVeth(LinkSettings.named("cilium_host").up(), LinkSettings.named("cilium_net")));
    kernel.apply(Links.set("cilium_net", LinkSettings.none().up()));
    address("cilium_host", router() + "/32");
  }

  Netns netns() {
    return netns;
  }

  /** Loads the programs; the underlay device must be there, if there is to be one. */
  void start(boolean tunnel) {
    int overlay = 0;
    if (tunnel) {
      kernel.apply(
          Links.create(LinkKind.Vxlan.external(8472), LinkSettings.named("cilium_vxlan").up()));
      overlay = link("cilium_vxlan").index();
    }
    var config =
        new DatapathConfig(
            new DatapathConfig.Addresses(
                Optional.of(IpAddress.parse(router())),
                Optional.empty(),
                Optional.of(IpAddress.parse(underlay(number))),
                Optional.empty()),
            new DatapathConfig.Devices(
                link("cilium_host").index(), link("cilium_net").index(), overlay),
            tunnel ? DatapathConfig.Tunnel.VXLAN : DatapathConfig.Tunnel.NONE,
            DatapathConfig.Masquerade.NONE,
            true,
            false,
            POD_MTU,
            JIFFIES,
            128,
            true,
            new MapSizes(1 << 16, 1024, 1024, 16, 1024, 1024, 1 << 20));
    var loaded = netns.run(() -> Datapath.load(directory, config, kernel));
    datapath = Optional.of(loaded);
    loaded.runtime().aggregation(Aggregation.MEDIUM, JIFFIES);
    loaded
        .endpoints()
        .put(
            IpAddress.parse(router()),
            new EndpointEntry(
                0,
                new NumericIdentity(1),
                0,
                EndpointFlag.HOST.number() | EndpointFlag.ROUTER.number(),
                MacAddress.ZERO,
                MacAddress.ZERO));
    netns.execute(() -> {
      loaded.attachHost("cilium_host", link("cilium_host").index());
      if (tunnel) {
        loaded.attachOverlay("cilium_vxlan", link("cilium_vxlan").index());
      }
      kernel.find(Links.byName("eth0")).ifPresent(this::attachUnderlay);
    });
  }

  /** Gives the node its underlay device as a port of the bridge. */
  void plug(NetlinkSocket switching, int bridge) {
    switching.apply(
        Links.createVeth(
            LinkSettings.named("port" + number).master(bridge).up(),
            LinkSettings.named("eth0").netns(netns)));
    kernel.apply(Links.set("eth0", LinkSettings.none().up()));
    address("eth0", underlay(number) + "/24");
  }

  /** Adds the pod 10.78.N.(1 + index) and returns its namespace. */
  Netns addPod(int index) {
    var pod = Netns.createUnnamed();
    var host = "lxc" + index;
    kernel.apply(
        Links.createVeth(
            LinkSettings.named("eth0").mtu(POD_MTU).netns(pod).up(),
            LinkSettings.named(host).mtu(POD_MTU)));
    kernel.apply(Links.set(host, LinkSettings.none().up()));
    long podMac;
    try (var inside = NetlinkSocket.open(pod)) {
      var eth0 = inside.find(Links.byName("eth0")).orElseThrow();
      podMac = eth0.mac().value();
      var gateway = InetAddress.ofLiteral(router());
      inside.apply(
          List.of(
              Addresses.add(Address.of(eth0.index(), Prefix.parse(pod(number, index) + "/32"))),
              Routes.add(Route.to(Prefix.host(gateway)).device(eth0.index())),
              Routes.add(Route.toAll(Family.IPV4).via(gateway).device(eth0.index()))));
    }
    var device = link(host);
    var identity = identity(number, index);
    loaded()
        .endpoints()
        .put(
            IpAddress.parse(pod(number, index)),
            new EndpointEntry(
                device.index(),
                identity,
                100 + index,
                0,
                new MacAddress(podMac),
                new MacAddress(device.mac().value())));
    loaded()
        .ipcache()
        .put(
            IpPrefix.host(IpAddress.parse(pod(number, index))),
            new IpcacheEntry(identity, IpAddress.v4(0), IpcacheFlag.CLUSTER.number(), 0));
    netns.execute(() -> loaded().attachPod(host, device.index()));
    return pod;
  }

  /** Tells the node about the first pod of another node, and how to reach that node. */
  void learn(OwnNode other, boolean tunnel) {
    var remote = InetAddress.ofLiteral(underlay(other.number));
    int device = link("eth0").index();
    kernel.apply(Neighbours.replace(Neighbour.permanent(device, remote, other.link("eth0").mac())));
    if (!tunnel) {
      var pods = Prefix.parse("10.78." + other.number + ".0/24");
      kernel.apply(Routes.replace(Route.to(pods).via(remote).device(device)));
    }
    int flags = IpcacheFlag.CLUSTER.number() | (tunnel ? IpcacheFlag.TUNNEL.number() : 0);
    loaded()
        .ipcache()
        .put(
            IpPrefix.host(IpAddress.parse(pod(other.number, 1))),
            new IpcacheEntry(
                identity(other.number, 1), IpAddress.parse(underlay(other.number)), flags, 0));
  }

  static String pod(int node, int index) {
    return "10.78.%d.%d".formatted(node, 1 + index);
  }

  Path pins() {
    return directory;
  }

  @Override
  public void close() {
    datapath.ifPresent(Datapath::close);
    netns.execute(() -> Datapath.remove(directory, kernel));
    kernel.close();
    netns.close();
  }

  private void attachUnderlay(Link eth0) {
    var none = DeviceEntry.NONE;
    loaded()
        .devices()
        .put(
            eth0.index(),
            new DeviceEntry(none, none, eth0.mtu(), new MacAddress(eth0.mac().value())));
    loaded().attachUnderlay("eth0", eth0.index());
  }

  private Datapath loaded() {
    return datapath.orElseThrow(() -> new IllegalStateException("not started"));
  }

  private String router() {
    return "10.78." + number + ".1";
  }

  private static String underlay(int node) {
    return "10.79.0." + node;
  }

  private static NumericIdentity identity(int node, int index) {
    return new NumericIdentity(1000 + 100 * node + index);
  }

  private Link link(String name) {
    return kernel
        .find(Links.byName(name))
        .orElseThrow(() -> new BenchException("no device " + name));
  }

  private void address(String device, String prefix) {
    kernel.apply(Addresses.add(Address.of(link(device).index(), Prefix.parse(prefix))));
  }
}
