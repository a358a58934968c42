// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.conntrack.ConntrackFigures;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.EndpointEntry;
import io.jilium.datapath.FlowAction;
import io.jilium.datapath.FlowEntry;
import io.jilium.datapath.FlowFlag;
import io.jilium.datapath.FlowKey;
import io.jilium.datapath.FlowOrigin;
import io.jilium.datapath.FragmentEntry;
import io.jilium.datapath.FragmentKey;
import io.jilium.datapath.IpcacheEntry;
import io.jilium.datapath.IpcacheFlag;
import io.jilium.datapath.KernelClock;
import io.jilium.datapath.MapSizes;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.MacAddress;
import io.jilium.linux.netlink.Neighbour;
import io.jilium.linux.netlink.Neighbours;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.Await;
import io.jilium.test.kit.BpffsDirectory;
import io.jilium.test.kit.FdLeakCheck;
import io.jilium.test.kit.Namespaces;
import io.jilium.wire.AgentClient;
import io.jilium.wire.AgentException;
import io.jilium.wire.agent.Event;
import io.jilium.wire.agent.EventType;
import io.jilium.wire.agent.FlowFlushRequest;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.MetricListRequest;
import io.jilium.wire.agent.MonitorRequest;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.StatusRequest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The API on real maps and real events. */
@Tag("kernel")
final class KernelViewTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final IpAddress POD = IpAddress.parse("10.244.0.5");
  private static final IpAddress WORLD = IpAddress.parse("198.51.100.1");

  @RegisterExtension final FdLeakCheck leaks = new FdLeakCheck();
  @RegisterExtension final Namespaces namespaces = Namespaces.perTest();
  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();

  @TempDir private Path directory = Path.of("");

  private final FakeState state = new FakeState();

  /** What a test does with a loaded datapath behind a socket. */
  @FunctionalInterface
  private interface Body {
    void run(Datapath datapath, NetlinkSocket netlink, Path socket) throws Exception;
  }

  private void onNode(Body body) {
    Netns node = namespaces.create();
    Path socket = directory.resolve("agent.sock");
    node.run(() -> {
      try (var netlink = NetlinkSocket.open();
          var clock = KernelClock.open();
          var datapath = Datapath.load(bpffs.path(), config(), netlink);
          var interfaces =
              AgentInterfaces.open(
                  socket,
                  Settings.of(java.util.Map.of(), List.of("prometheus.enabled=false")),
                  state,
                  new FakeEndpoints(),
                  warning -> {})) {
        interfaces.loaded(datapath, clock::jiffies, () -> ConntrackFigures.NONE);
        body.run(datapath, netlink, socket);
        return true;
      }
    });
  }

  private static DatapathConfig config() {
    return new DatapathConfig(
        new DatapathConfig.Addresses(
            Optional.of(IpAddress.parse("10.244.0.1")),
            Optional.of(IpAddress.parse("fd00:10:244::1")),
            Optional.of(IpAddress.parse("172.30.0.1")),
            Optional.empty()),
        new DatapathConfig.Devices(2, 3, 0),
        DatapathConfig.Tunnel.NONE,
        DatapathConfig.Masquerade.NONE,
        true,
        true,
        1500,
        1000,
        128,
        true,
        new MapSizes(8192, 256, 1024, 16, 256, 256, 1 << 16));
  }

  @Test
  void showsWhatIsInTheMaps() {
    onNode((datapath, netlink, socket) -> {
      datapath
          .endpoints()
          .put(
              POD,
              new EndpointEntry(
                  34,
                  new NumericIdentity(3352),
                  1445,
                  0,
                  io.jilium.core.model.MacAddress.parse("c6:6d:95:cd:34:a2"),
                  io.jilium.core.model.MacAddress.parse("2a:0a:d9:17:44:22")));
      datapath
          .ipcache()
          .put(
              IpPrefix.parse("10.244.1.0/24"),
              new IpcacheEntry(
                  new NumericIdentity(2),
                  IpAddress.parse("172.30.0.2"),
                  IpcacheFlag.TUNNEL.number(),
                  0));
      datapath
          .ipcache()
          .put(
              IpPrefix.parse("10.244.1.9/32"),
              new IpcacheEntry(
                  new NumericIdentity(3352),
                  IpAddress.parse("172.30.0.2"),
                  IpcacheFlag.TUNNEL.number(),
                  0));
      datapath.fragments().put(new FragmentKey(POD, WORLD, 7, 34, 17), new FragmentEntry(5000, 53));
      datapath.flows().put(key(40000), flow(FlowFlag.REWRITE_SRC.number()));
      datapath.flows().put(key(40001), flow(0));

      var endpoint = dump(socket, MapDumpRequest.Map.ENDPOINTS).getEndpoints(0);
      assertThat(endpoint.getAddress().toByteArray()).isEqualTo(POD.bytes());
      assertThat(endpoint.getId()).isEqualTo(1445);
      assertThat(dump(socket, MapDumpRequest.Map.IPCACHE).getIpcacheList()).hasSize(2);
      var tunnel = dump(socket, MapDumpRequest.Map.TUNNEL).getIpcacheList();
      assertThat(tunnel).hasSize(1);
      assertThat(tunnel.getFirst().getPrefix()).isEqualTo(24);
      assertThat(dump(socket, MapDumpRequest.Map.FRAGMENTS).getFragments(0).getDport())
          .isEqualTo(53);
      assertThat(dump(socket, MapDumpRequest.Map.FLOWS).getFlowsList()).hasSize(2);
      var nat = dump(socket, MapDumpRequest.Map.NAT).getFlowsList();
      assertThat(nat).hasSize(1);
      assertThat(nat.getFirst().getNatPort()).isEqualTo(50000);
      assertThat(nat.getFirst().getExpiresMillis()).isBetween(0L, 60_000L);
      assertThat(
              ask(
                      socket,
                      Request.newBuilder().setStatus(StatusRequest.newBuilder().setVerbose(true)))
                  .getStatus()
                  .getMaps(0)
                  .getEntries())
          .isEqualTo(2);
      assertThat(
              ask(socket, Request.newBuilder().setFlowFlush(FlowFlushRequest.getDefaultInstance()))
                  .getFlowFlushed()
                  .getEntries())
          .isEqualTo(2);
      assertThat(dump(socket, MapDumpRequest.Map.FLOWS).getFlowsList()).isEmpty();
    });
  }

  @Test
  void dumpsALargeTableInParts() {
    onNode((datapath, netlink, socket) -> {
      var flows = new java.util.HashMap<FlowKey, FlowEntry>();
      for (int port = 1; port <= 5000; port++) {
        flows.put(key(port), flow(0));
      }
      datapath.flows().putAll(flows);
      var parts = new ArrayList<Integer>();
      try (var client = AgentClient.connect(socket, TIMEOUT)) {
        client.stream(
            Request.newBuilder()
                .setMapDump(MapDumpRequest.newBuilder().setMap(MapDumpRequest.Map.FLOWS))
                .build(),
            answer -> parts.add(answer.getMapDump().getFlowsCount()));
      }
      assertThat(parts).hasSizeGreaterThan(4);
      assertThat(parts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5000);
    });
  }

  @Test
  void showsADropAndTheStepsBeforeIt() {
    onNode((datapath, netlink, socket) -> {
      netlink.apply(Links.createVeth(LinkSettings.named("lxc7").up(), LinkSettings.named("pod")));
      netlink.apply(Links.set("pod", LinkSettings.none().up()));
      int lxc = netlink.find(Links.byName("lxc7")).orElseThrow().index();
      int pod = netlink.find(Links.byName("pod")).orElseThrow().index();
      netlink.apply(Addresses.add(Address.of(pod, Prefix.parse("10.99.0.2/24"))));
      netlink.apply(
          Neighbours.replace(
              Neighbour.permanent(
                  pod, InetAddress.getByName("10.99.0.9"), MacAddress.parse("02:00:00:00:00:09"))));
      datapath.attachPod("lxc7", lxc);
      var seen = new CopyOnWriteArrayList<Event>();
      var watcher = watch(socket, seen);
      Await.until("debug is on", TIMEOUT, () -> datapath.runtime().state().debug());
      send("10.99.0.2", "10.99.0.9", 4242);
      Await.until("the drop is shown", TIMEOUT, () -> drop(seen).isPresent());
      Event drop = drop(seen).orElseThrow();
      assertThat(drop.getReason()).isEqualTo("Invalid source ip");
      assertThat(drop.getFile()).isEqualTo("from_pod.bpf.c");
      assertThat(drop.getLine()).isPositive();
      assertThat(drop.getIfindex()).isEqualTo(lxc);
      assertThat(drop.getLength()).isEqualTo(14 + 20 + 8 + 3);
      assertThat(drop.getData().size()).isEqualTo(drop.getLength());
      assertThat(Math.abs(drop.getUnixNanos() - System.currentTimeMillis() * 1_000_000L))
          .isLessThan(TIMEOUT.toNanos());
      datapath
          .endpoints()
          .put(
              IpAddress.parse("10.99.0.2"),
              new EndpointEntry(
                  lxc,
                  new NumericIdentity(3352),
                  7,
                  0,
                  io.jilium.core.model.MacAddress.ZERO,
                  io.jilium.core.model.MacAddress.ZERO));
      send("10.99.0.2", "10.99.0.9", 4242);
      Await.until(
          "a step is shown",
          TIMEOUT,
          () -> seen.stream().anyMatch(event -> event.getType() == EventType.EVENT_DEBUG));
      assertThat(dump(socket, MapDumpRequest.Map.METRICS).getMetricsList())
          .anyMatch(
              entry -> entry.getText().equals("Invalid source ip") && entry.getPackets() >= 1);
      assertThat(
              ask(
                      socket,
                      Request.newBuilder()
                          .setMetricList(
                              MetricListRequest.newBuilder()
                                  .setPattern("^cilium_drop_count_total")))
                  .getMetrics()
                  .getMetricsList())
          .anyMatch(metric ->
              metric.getLabelsMap().getOrDefault("reason", "").equals("Invalid source ip"));
      watcher.interrupt();
      Await.until("debug is off again", TIMEOUT, () -> !datapath.runtime().state().debug());
    });
  }

  private static Thread watch(Path socket, List<Event> seen) {
    var request =
        Request.newBuilder()
            .setMonitor(
                MonitorRequest.newBuilder()
                    .addTypes(EventType.EVENT_DROP)
                    .addTypes(EventType.EVENT_DEBUG))
            .build();
    return Thread.ofPlatform()
        .start(() -> {
          try (var client = AgentClient.connect(socket, TIMEOUT)) {
            client.follow(
                request,
                answer -> {
                  seen.addAll(answer.getMonitor().getEventsList());
                  if (Thread.interrupted()) {
                    throw new IllegalStateException("enough");
                  }
                });
          } catch (IllegalStateException | AgentException e) {
            // Enough was seen, or the test is over.
          }
        });
  }

  private static Optional<Event> drop(List<Event> seen) {
    return seen.stream()
        .filter(event -> event.getType() == EventType.EVENT_DROP)
        .filter(event -> event.getSubtype() == 132 && event.getFlags() % 2 == 0)
        .findFirst();
  }

  private static void send(String from, String to, int port) throws IOException {
    try (var out = new DatagramSocket(new InetSocketAddress(from, 0))) {
      out.send(new DatagramPacket(new byte[3], 3, InetAddress.getByName(to), port));
    }
  }

  private static FlowKey key(int port) {
    return new FlowKey(POD, WORLD, port, 443, 34, 17);
  }

  private static FlowEntry flow(int flags) {
    var none = io.jilium.core.model.MacAddress.ZERO;
    var nobody = new NumericIdentity(0);
    return new FlowEntry(
        1,
        2,
        1,
        0,
        0,
        0,
        0,
        nobody,
        nobody,
        0,
        2,
        1445,
        0,
        FlowAction.NODE,
        0,
        flags,
        none,
        none,
        0,
        FlowOrigin.POD,
        50000,
        0,
        IpAddress.parse("172.30.0.1"),
        IpAddress.parse("0.0.0.0"),
        IpAddress.parse("0.0.0.0"),
        IpAddress.parse("0.0.0.0"),
        0,
        0);
  }

  private static MapDump dump(Path socket, MapDumpRequest.Map map) {
    return ask(socket, Request.newBuilder().setMapDump(MapDumpRequest.newBuilder().setMap(map)))
        .getMapDump();
  }

  private static io.jilium.wire.agent.Response ask(Path socket, Request.Builder request) {
    try (var client = AgentClient.connect(socket, TIMEOUT)) {
      return client.call(request.build());
    }
  }
}
