// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.KernelVersion;
import io.jilium.linux.ebpf.SkbContext;
import io.jilium.linux.ebpf.TestRun;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
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
import io.jilium.test.kit.BpffsDirectory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A node as the programs see it: devices, routes, neighbours and tables, with two pods on it, a pod
 * on the next node, and a world behind a gateway. Packets go in by BPF_PROG_TEST_RUN; nothing is
 * attached.
 */
final class PacketLab implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  static final String MAC_A = "0a:00:00:00:00:0a";
  static final String MAC_B = "0a:00:00:00:00:0b";
  static final String MAC_LXC_A = "0e:00:00:00:00:0a";
  static final String MAC_LXC_B = "0e:00:00:00:00:0b";
  static final String MAC_ETH0 = "0e:00:00:00:00:01";
  static final String MAC_OTHER = "0e:00:00:00:00:02";
  static final String MAC_GATEWAY = "0e:00:00:00:00:fe";
  static final int IDENTITY_A = 1001;
  static final int IDENTITY_B = 1002;
  static final int IDENTITY_REMOTE = 2001;
  static final int MTU = 1450;

  private static final int HOST = 1;
  private static final int REMOTE_NODE = 6;

  private final BpffsDirectory bpffs = new BpffsDirectory();
  private Optional<Netns> node = Optional.empty();
  private Optional<Datapath> loaded = Optional.empty();
  private Optional<EventReader> events = Optional.empty();
  private Optional<ServiceRows> services = Optional.empty();
  private final boolean stackForwards;
  private Optional<DatapathConfig.Dispatch> direct;
  int lxcA;
  int lxcB;
  int eth0;
  int host;
  int net;
  int vxlan;

  /** One whose programs forward by themselves whatever they can. */
  PacketLab() {
    this(false, Optional.empty());
  }

  private PacketLab(boolean stackForwards, Optional<DatapathConfig.Dispatch> direct) {
    this.stackForwards = stackForwards;
    this.direct = direct;
  }

  /** One whose stack forwards what is not for a pod. */
  static PacketLab besideNetfilter() {
    return new PacketLab(true, Optional.empty());
  }

  /** One that routes natively, where servers answer clients from outside themselves. */
  static PacketLab withDirectReturn() {
    return new PacketLab(false, Optional.of(DatapathConfig.Dispatch.OPTION));
  }

  /** How their nodes are told of the service, from the next test on. */
  void dispatch(DatapathConfig.Dispatch dispatch) {
    direct = Optional.of(dispatch);
  }

  private DatapathConfig usual() {
    return direct
        .map(dispatch ->
            nativeRouting().withDirectReturn(DatapathConfig.DirectReturn.TCP_AND_UDP, dispatch))
        .orElseGet(this::tunnel);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    var netns = Netns.createUnnamed();
    node = Optional.of(netns);
    inNode(() -> {
      try (var netlink = NetlinkSocket.open()) {
        makeDevices(netlink);
        loaded = Optional.of(Datapath.load(bpffs.path(), usual(), netlink));
      }
      events = Optional.of(datapath().events());
      services = Optional.of(new ServiceRows(datapath().services()));
      return true;
    });
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    beforeEach();
  }

  /** Everything as at the start. */
  void beforeEach() {
    configure(usual());
    clear(datapath().flows());
    clear(datapath().fragments());
    services().clear();
    fillTables();
    datapath().runtime().debug(false);
    datapath().runtime().overlayCapture(false);
    datapath().runtime().aggregation(Aggregation.MEDIUM, 1 << 30);
    datapath().runtime().bumpEpoch();
    events();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    services.ifPresent(ServiceRows::close);
    events.ifPresent(EventReader::close);
    loaded.ifPresent(Datapath::close);
    node.ifPresent(Netns::close);
    bpffs.afterEach(context);
  }

  /**
   * Whether the underlay's program can take IPv6 out of the tunnel itself:
   * BPF_F_ADJ_ROOM_DECAP_L3_IPV6 came with 6.3; before, it leaves such packets to the device.
   */
  static boolean unwraps(Ip ip) {
    return ip.isV4() || !KernelVersion.current().isBefore(6, 3);
  }

  private static <K> void clear(TypedMap<K, ?> map) {
    map.deleteAll(map.entries().keySet());
  }

  Datapath datapath() {
    return loaded.orElseThrow();
  }

  ServiceRows services() {
    return services.orElseThrow();
  }

  ConntrackCollector collector() {
    return new ConntrackCollector(datapath().flows(), datapath().endpoints(), () -> host);
  }

  <T> T inNode(Supplier<T> task) {
    return node.orElseThrow().run(task::get);
  }

  DatapathConfig tunnel() {
    return balanced(
        Configs.with(
            new DatapathConfig.Devices(host, net, vxlan),
            DatapathConfig.Tunnel.VXLAN,
            new DatapathConfig.Masquerade(
                true, true, Optional.empty(), Optional.empty(), 50000, 50999)));
  }

  /** Services are somebody else's where the stack forwards. */
  private DatapathConfig balanced(DatapathConfig config) {
    return stackForwards
        ? config.withStackForwarding(true)
        : config.withServices(ServiceRows.SIZES);
  }

  DatapathConfig nativeRouting() {
    return balanced(
        Configs.with(
            new DatapathConfig.Devices(host, net, 0),
            DatapathConfig.Tunnel.NONE,
            new DatapathConfig.Masquerade(
                true,
                true,
                Optional.of(IpPrefix.parse("10.244.0.0/16")),
                Optional.of(IpPrefix.parse("fd00:10:244::/48")),
                50000,
                50999)));
  }

  void configure(DatapathConfig config) {
    if (!datapath().config().equals(config)) {
      inNode(() -> {
        datapath().reload(config);
        return true;
      });
    }
  }

  /** As an agent makes maps of services larger while they are in use. */
  void enlarge(Map<DatapathMap, Integer> wanted) {
    inNode(() -> {
      var config = new ServiceConfig(0, false, true, ServiceRows.SIZES);
      try (var sockets = ServiceDatapath.load(bpffs.path(), config)) {
        sockets.enlarge(wanted, () -> datapath().reload(datapath().config()));
        services().moveTo(sockets.open());
      }
      return true;
    });
  }

  /** Lets a packet into a program; afterwards nothing of it is in the kernel but its flow. */
  PacketResult run(Hook hook, int ifindex, byte[] packet) {
    return run(hook, new SkbContext(0, 0, 0, ifindex), packet);
  }

  PacketResult run(Hook hook, SkbContext context, byte[] packet) {
    return inNode(() -> {
      var before = datapath().metrics().entries();
      events();
      var run = TestRun.of(packet).with(context);
      var result = datapath().program(hook).testRun(run);
      var drops = new ArrayList<Integer>();
      datapath()
          .metrics()
          .entries()
          .forEach((key, entry) -> {
            var old = before.getOrDefault(key, new MetricsEntry(0, 0));
            for (long i = old.packets(); i < entry.packets(); i++) {
              drops.add(key.reason());
            }
          });
      return new PacketResult(
          packet, result.returned(), result.packet(), List.copyOf(drops), events());
    });
  }

  /** Lets a packet into the program that sees it before the stack does. */
  TestRun.Result runXdp(int ifindex, byte[] packet) {
    return inNode(
        () -> datapath().program(Hook.XDP_NETDEV).testRun(TestRun.of(packet).receivedBy(ifindex)));
  }

  FlowEntry flow(FlowKey key) {
    return datapath()
        .flows()
        .lookup(key)
        .orElseThrow(
            () -> new AssertionError(key + " is not in " + datapath().flows().entries().keySet()));
  }

  /** Runs the packet, and expects this outcome and right checksums. */
  PacketResult expect(Ip ip, Hook hook, int ifindex, byte[] packet, String outcome) {
    var result = run(hook, ifindex, packet);
    assertThat(result.text(ip)).as("%s", ip).isEqualTo(outcome);
    if (!outcome.startsWith("shot")) {
      assertThat(result.faults()).as("%s %s", ip, outcome).isEmpty();
    }
    return result;
  }

  /** What the programs told since the last call. */
  List<EventRecord> events() {
    var all = new ArrayList<EventRecord>();
    events.orElseThrow().consume(event -> all.add(event.record()));
    return List.copyOf(all);
  }

  private void makeDevices(NetlinkSocket netlink) {
    for (var name : List.of("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding")) {
      Sysctl.write(name, 1);
    }
    pair(netlink, "cilium_host", "0e:00:00:00:01:01", "cilium_net");
    pair(netlink, "eth0", MAC_ETH0, "wire0");
    pair(netlink, "lxcA", MAC_LXC_A, "podA");
    pair(netlink, "lxcB", MAC_LXC_B, "podB");
    netlink.apply(
        Links.create(LinkKind.Vxlan.external(8472), LinkSettings.named("cilium_vxlan").up()));
    lxcA = index(netlink, "lxcA");
    lxcB = index(netlink, "lxcB");
    eth0 = index(netlink, "eth0");
    host = index(netlink, "cilium_host");
    net = index(netlink, "cilium_net");
    vxlan = index(netlink, "cilium_vxlan");
    for (var ip : Ip.values()) {
      var family = ip.isV4() ? Family.IPV4 : Family.IPV6;
      add(netlink, eth0, ip.node + (ip.isV4() ? "/24" : "/64"));
      add(netlink, host, ip.router + "/" + ip.hostBits());
      neighbour(netlink, ip.otherNode, MAC_OTHER);
      neighbour(netlink, ip.gateway, MAC_GATEWAY);
      netlink.apply(Routes.add(Route.toAll(family).device(eth0).via(inet(ip.gateway))));
      var remote = ip.isV4() ? "10.244.1.0/24" : "fd00:10:244:1::/64";
      netlink.apply(
          Routes.add(Route.to(Prefix.parse(remote)).device(eth0).via(inet(ip.otherNode))));
    }
    deadEnds(netlink);
  }

  /** Where nothing answers: a black hole, and this node's pod range without such a pod. */
  private void deadEnds(NetlinkSocket netlink) {
    for (var prefix : List.of("203.0.113.0/24", "fd00:bad::/64")) {
      netlink.apply(Routes.add(Route.to(Prefix.parse(prefix)).type(Route.Type.BLACKHOLE)));
    }
    for (var prefix : List.of("10.244.0.0/24", "fd00:10:244::/64")) {
      netlink.apply(Routes.add(Route.to(Prefix.parse(prefix)).device(host)));
    }
  }

  /** Sets the epoch by hand; 0: the agent has not filled the tables. */
  void epoch(int epoch) {
    try (var map = KernelMap.open(bpffs.path().resolve("maps/runtime_v2"));
        var memory = map.mmap(true)) {
      RuntimeState.EPOCH.setVolatile(memory.segment(), 0L, epoch);
    }
  }

  private static void pair(NetlinkSocket netlink, String name, String mac, String peer) {
    var address = io.jilium.linux.netlink.MacAddress.parse(mac);
    netlink.apply(
        Links.createVeth(LinkSettings.named(name).mac(address).up(), LinkSettings.named(peer)));
    netlink.apply(Links.set(peer, LinkSettings.none().up()));
  }

  private static int index(NetlinkSocket netlink, String name) {
    return netlink.find(Links.byName(name)).orElseThrow().index();
  }

  private static void add(NetlinkSocket netlink, int device, String address) {
    netlink.apply(
        Addresses.add(Address.of(device, Prefix.parse(address)).flags(Address.Flag.NODAD)));
  }

  private void neighbour(NetlinkSocket netlink, String address, String mac) {
    netlink.apply(
        Neighbours.replace(
            Neighbour.permanent(
                eth0, inet(address), io.jilium.linux.netlink.MacAddress.parse(mac))));
  }

  private static InetAddress inet(String address) {
    return InetAddress.ofLiteral(address);
  }

  private void fillTables() {
    for (var ip : Ip.values()) {
      endpoint(ip.podA, lxcA, IDENTITY_A, 0, MAC_A, MAC_LXC_A);
      endpoint(ip.podB, lxcB, IDENTITY_B, 0, MAC_B, MAC_LXC_B);
      var host = EndpointFlag.HOST.number();
      endpoint(ip.node, 0, HOST, host, MAC_ETH0, MAC_ETH0);
      endpoint(ip.router, 0, HOST, host | EndpointFlag.ROUTER.number(), MAC_LXC_A, MAC_LXC_A);
      int cluster = IpcacheFlag.CLUSTER.number();
      ipcache(ip.podA, IDENTITY_A, "0.0.0.0", cluster);
      ipcache(ip.podB, IDENTITY_B, "0.0.0.0", cluster);
      ipcache(
          ip.remotePod, IDENTITY_REMOTE, Ip.V4.otherNode, cluster | IpcacheFlag.TUNNEL.number());
      ipcache(ip.node, HOST, "0.0.0.0", 0);
      ipcache(ip.router, HOST, "0.0.0.0", 0);
      ipcache(ip.otherNode, REMOTE_NODE, "0.0.0.0", IpcacheFlag.REMOTE_NODE.number());
    }
    datapath()
        .devices()
        .put(
            eth0,
            new DeviceEntry(
                Ip.address(Ip.V4.node), Ip.address(Ip.V6.node), 1500, MacAddress.parse(MAC_ETH0)));
  }

  /** One more address of podB. */
  void pod(String address) {
    endpoint(address, lxcB, IDENTITY_B, 0, MAC_B, MAC_LXC_B);
  }

  private void endpoint(
      String address, int ifindex, int identity, int flags, String mac, String nodeMac) {
    datapath()
        .endpoints()
        .put(
            Ip.address(address),
            new EndpointEntry(
                ifindex,
                new NumericIdentity(identity),
                identity == HOST ? 0 : identity,
                flags,
                MacAddress.parse(mac),
                MacAddress.parse(nodeMac)));
  }

  /** A way of the node's stack to other nodes. */
  void route(String prefix, String gateway) {
    inNode(() -> {
      try (var netlink = NetlinkSocket.open()) {
        netlink.apply(Routes.add(Route.to(Prefix.parse(prefix)).device(eth0).via(inet(gateway))));
      }
      return true;
    });
  }

  void ipcache(String address, int identity, String tunnel, int flags) {
    datapath()
        .ipcache()
        .put(
            IpPrefix.host(Ip.address(address)),
            new IpcacheEntry(new NumericIdentity(identity), Ip.address(tunnel), flags, 0));
  }
}
