// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.metrics.ProcessFigures;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.monitor.Kernel;
import io.jilium.agent.monitor.NodeMaps;
import io.jilium.agent.service.ServiceView;
import io.jilium.agent.state.AgentState;
import io.jilium.agent.state.DatapathStatus;
import io.jilium.agent.state.DeviceStatus;
import io.jilium.agent.state.HealthReport;
import io.jilium.agent.state.PoolStatus;
import io.jilium.agent.table.LoopStatus;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.DatapathMap;
import io.jilium.wire.JiliumVersion;
import io.jilium.wire.agent.Allocation;
import io.jilium.wire.agent.Component;
import io.jilium.wire.agent.Controller;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.Ipam;
import io.jilium.wire.agent.MapInfo;
import io.jilium.wire.agent.Masquerading;
import io.jilium.wire.agent.MonitorState;
import io.jilium.wire.agent.NodeHealth;
import io.jilium.wire.agent.Probe;
import io.jilium.wire.agent.Routing;
import io.jilium.wire.agent.State;
import io.jilium.wire.agent.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** How the agent is, as messages. */
final class StatusMessages {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final AgentState state;
  private final Settings settings;
  private final Supplier<Optional<Kernel>> kernel;
  private final Supplier<Optional<ServiceView>> services;

  StatusMessages(Requests.Sources sources) {
    this.state = sources.state();
    this.settings = sources.settings();
    this.kernel = sources.kernel();
    this.services = sources.services();
  }

  Status status(boolean verbose) {
    List<LoopStatus> loops = state.loops();
    var endpoints = state.endpoints();
    var status =
        Status.newBuilder()
            .setAgent(agent())
            .setVersion(JiliumVersion.text())
            .setNode(state.nodeName())
            .setCluster(state.cluster())
            .setKvstore(source("kvstore"))
            .setKubernetes(source("custom-resource"))
            .setCni(cni())
            .setMonitor(
                kernel
                    .get()
                    .map(Kernel::monitor)
                    .map(StatusMessages::monitor)
                    .orElse(MonitorState.getDefaultInstance()))
            .addAllIpam(state.pools().stream().map(StatusMessages::ipam).toList())
            .setRouting(routing())
            .setMasquerading(masquerading())
            .setControllersTotal(loops.size())
            .setControllersFailing((int) loops.stream().filter(loop -> !loop.healthy()).count())
            .setIdentityMin(NumericIdentity.CLUSTER_MIN)
            .setIdentityMax(NumericIdentity.CLUSTER_MAX)
            .setHealth(health())
            .setStartedUnixNanos(TableMessages.nanos(state.started()))
            .setNowUnixNanos(TableMessages.nanos(Instant.now()))
            .setEndpoints(endpoints.size())
            .setEndpointsReady(
                (int)
                    endpoints.stream()
                        .filter(endpoint -> endpoint.state() == EndpointState.READY)
                        .count())
            .setKernel(System.getProperty("os.version"))
            .setResidentBytes(ProcessFigures.read().residentBytes());
    loops.stream()
        .filter(loop -> verbose || !loop.healthy())
        .map(StatusMessages::controller)
        .forEach(status::addControllers);
    if (verbose) {
      state.pools().forEach(pool -> addAllocations(pool, status));
      kernel.get().map(Kernel::maps).map(this::mapInfos).ifPresent(status::addAllMaps);
    }
    return status.build();
  }

  HealthStatus health() {
    HealthReport report = state.health();
    var health =
        HealthStatus.newBuilder()
            .setEnabled(report.enabled())
            .setProbedUnixNanos(TableMessages.nanos(report.time()));
    for (HealthReport.NodeHealth node : report.nodes()) {
      var message = NodeHealth.newBuilder().setName(node.node()).setLocal(node.local());
      node.host().forEach(path -> message.addHost(path(path)));
      node.endpoint().forEach(path -> message.addEndpoint(path(path)));
      health.addNodes(message);
    }
    return health.build();
  }

  private Component agent() {
    if (!state.waitingFor().isEmpty()) {
      return component(State.STATE_FAILURE, state.waitingFor());
    }
    var wrong = new ArrayList<>(state.warnings());
    wrong.addAll(state.datapath().problems());
    state.devices().stream()
        .map(DeviceStatus::problem)
        .filter(problem -> !problem.isEmpty())
        .forEach(wrong::add);
    return wrong.isEmpty()
        ? component(State.STATE_OK, JiliumVersion.text())
        : component(State.STATE_WARNING, String.join("; ", wrong));
  }

  private Component source(String name) {
    if (!state.sourceName().equals(name)) {
      return component(State.STATE_DISABLED, "");
    }
    return switch (state.connectivity()) {
      case Connectivity.Connected connected -> component(State.STATE_OK, connected.detail());
      case Connectivity.Away away ->
          component(
              State.STATE_FAILURE,
              "%s, since %s; what was known stays in force".formatted(away.error(), away.since()));
    };
  }

  private Component cni() {
    String text = state.cniConfig();
    return component(text.startsWith("successfully") ? State.STATE_OK : State.STATE_WARNING, text);
  }

  private static MonitorState monitor(EventMonitor monitor) {
    return MonitorState.newBuilder()
        .setCpus(Runtime.getRuntime().availableProcessors())
        .setRingBytes(monitor.capacity())
        .setSeen(monitor.seen())
        .setLost(monitor.lost())
        .setUnknown(monitor.unknown())
        .setClients(monitor.listeners())
        .setClientLost(monitor.clientLost())
        .build();
  }

  private static Ipam ipam(PoolStatus pool) {
    return Ipam.newBuilder()
        .setFamily(pool.cidr().isV4() ? 4 : 6)
        .setAllocated(pool.allocated().size())
        .setCapacity(Long.toUnsignedString(pool.capacity()))
        .setCidr(pool.cidr().toString())
        .build();
  }

  private static void addAllocations(PoolStatus pool, Status.Builder status) {
    pool.allocated()
        .forEach((address, owner) ->
            status.addAllocations(
                Allocation.newBuilder().setAddress(address.toString()).setOwner(owner)));
  }

  private Routing routing() {
    DatapathStatus datapath = state.datapath();
    var routing =
        Routing.newBuilder()
            .setTunnel(settings.routing().isTunnel())
            .setHost("BPF")
            .setAttachMode(datapath.attachMode())
            .setDeviceMode("veth")
            .setBalancer(balancer())
            .setAcceleration(acceleration())
            .addAllDevices(underlay())
            .setMtu(datapath.deviceMtu())
            .setRouteMtu(datapath.routeMtu())
            .setEpoch(datapath.epoch())
            .setOverlayCapture(datapath.overlayCapture());
    if (settings.routing().isTunnel()) {
      routing
          .setProtocol(settings.routing().tunnelProtocol().text())
          .setPort(settings.routing().tunnelPort());
    }
    return routing.build();
  }

  private String balancer() {
    var services = settings.services();
    var dispatch = " [" + services.dispatch().text() + "]";
    return switch (services.mode()) {
      case SNAT -> services.sockets() ? "SNAT" : "Disabled";
      case DSR -> "DSR" + dispatch;
      case HYBRID -> "Hybrid" + dispatch;
    };
  }

  /** As Cilium calls it. */
  private String acceleration() {
    return switch (settings.services().acceleration()) {
      case DISABLED -> "Disabled";
      case NATIVE -> "Native";
      case BEST_EFFORT -> "Best-Effort";
      case TESTING_ONLY -> "Generic";
    };
  }

  private Masquerading masquerading() {
    boolean v4 = settings.masquerade().v4();
    boolean v6 = settings.masquerade().v6();
    return Masquerading.newBuilder()
        .setMode(v4 || v6 ? "BPF" : "Disabled")
        .addAllDevices(underlay())
        .addAllCidrs(inside(v4, settings.routing().nativeCidrV4(), true))
        .addAllCidrs(inside(v6, settings.routing().nativeCidrV6(), false))
        .setIpv4(v4)
        .setIpv6(v6)
        .build();
  }

  /** The native range if one is set, else the pods of this node. */
  private List<String> inside(
      boolean enabled, Optional<io.jilium.core.model.IpPrefix> nativeCidr, boolean v4) {
    if (!enabled) {
      return List.of();
    }
    return nativeCidr
        .map(cidr -> List.of(cidr.toString()))
        .orElseGet(() ->
            state.pools().stream()
                .filter(pool -> pool.cidr().isV4() == v4)
                .map(pool -> pool.cidr().toString())
                .toList());
  }

  private List<String> underlay() {
    return state.devices().stream()
        .filter(device ->
            device.role() == DeviceStatus.Role.UNDERLAY
                || device.role() == DeviceStatus.Role.DIRECT_ROUTING)
        .map(DeviceStatus::name)
        .toList();
  }

  private static Controller controller(LoopStatus loop) {
    return Controller.newBuilder()
        .setName(loop.name())
        .setLastSuccessUnixNanos(loop.lastSuccess() * NANOS_PER_MILLI)
        .setLastErrorUnixNanos(loop.lastFailure() * NANOS_PER_MILLI)
        .setFailures(loop.consecutiveFailures())
        .setMessage(loop.lastError())
        .build();
  }

  private static io.jilium.wire.agent.PathHealth path(HealthReport.PathHealth path) {
    return io.jilium.wire.agent.PathHealth.newBuilder()
        .setAddress(path.address().toString())
        .setIcmp(probe(path.icmp()))
        .setHttp(probe(path.http()))
        .build();
  }

  private static Probe probe(HealthReport.Probe probe) {
    return switch (probe) {
      case HealthReport.Probe.Answered answered ->
          Probe.newBuilder()
              .setReachable(true)
              .setLatencyNanos(answered.latency().toNanos())
              .build();
      case HealthReport.Probe.Failed failed ->
          Probe.newBuilder().setMessage(failed.error()).build();
      case HealthReport.Probe.NotYet() -> Probe.newBuilder().setMessage("not probed yet").build();
    };
  }

  private List<MapInfo> mapInfos(NodeMaps maps) {
    var flows = new AtomicLong();
    maps.flows().forEach((key, entry) -> flows.incrementAndGet());
    var infos = new ArrayList<MapInfo>();
    Collections.addAll(
        infos,
        mapInfo("Connection tracking", DatapathMap.FLOWS, maps.flows().capacity(), flows.get()),
        mapInfo(
            "Endpoints",
            DatapathMap.ENDPOINTS,
            maps.endpoints().capacity(),
            maps.endpoints().entries().size()),
        mapInfo("IP cache", DatapathMap.IPCACHE, maps.ipcache().capacity(), state.ipcache().size()),
        mapInfo("Fragments", DatapathMap.FRAGMENTS, maps.fragments().capacity(), -1));
    services.get().map(ServiceView::uses).orElse(List.of()).forEach(use -> infos.add(mapInfo(use)));
    return infos;
  }

  private static MapInfo mapInfo(ServiceView.Use use) {
    var name =
        switch (use.map()) {
          case FRONTENDS -> "Service frontends";
          case BACKENDS -> "Service backends";
          case BACKEND_SLOTS -> "Service slots";
          default -> use.map().mapName();
        };
    return mapInfo(name, use.map(), use.capacity(), use.used());
  }

  private static MapInfo mapInfo(String name, DatapathMap map, int capacity, long entries) {
    return MapInfo.newBuilder()
        .setName(name)
        .setMap(map.pinName())
        .setMaxEntries(capacity)
        .setEntries(entries)
        .build();
  }

  private static Component component(State state, String message) {
    return Component.newBuilder().setState(state).setMessage(message).build();
  }
}
