// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.endpoint.PodNetwork;
import io.jilium.agent.ipcache.ClaimRules;
import io.jilium.agent.ipcache.IpcacheTable;
import io.jilium.agent.table.ControlLoop;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.PodCidr;
import io.jilium.core.settings.ServiceSettings.Acceleration;
import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkEvent;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.LinuxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node this agent runs on: what it shall have follows from its underlay, its pod CIDRs and the
 * cluster; loops bring that into the kernel in the order in which they are registered. Everything
 * but the snapshots belongs to the control thread.
 */
public final class LocalNode {
  private static final Logger LOG = LoggerFactory.getLogger(LocalNode.class);
  private static final Duration PERIOD = Duration.ofSeconds(30);
  private static final Duration NEVER = Duration.ofDays(365);

  /** What is known before anything starts; bootId changes when the machine boots. */
  public record Identity(String name, String cluster, int clusterId, String bootId) {
    public String fullName() {
      return cluster + "/" + name;
    }
  }

  /** What the node is made of. */
  public record Parts(
      Identity identity,
      Settings settings,
      ControlLoop control,
      Tables tables,
      NetlinkSocket netlink,
      StateFile state,
      NodeAddresses addresses,
      Programs programs,
      ClusterStore store,
      ClaimRules rules) {}

  private final Parts parts;
  private final NodeAddressing addressing;
  private final Underlays underlays;
  private final OwnDevices devices;
  private final KernelTables kernel;
  private final NextHops nextHops;
  private final KernelReaction reaction;
  private final ControlLoop.Loop underlayLoop;
  private final ControlLoop.Loop deviceLoop;
  private final ControlLoop.Loop programLoop;
  private final ControlLoop.Loop mapLoop;
  private final ControlLoop.Loop routeLoop;
  private final ControlLoop.Loop nextHopLoop;
  private final ControlLoop.Loop epochLoop;
  private final CompletableFuture<Boolean> loaded = new CompletableFuture<>();
  private List<IpAddress> healthAddresses = List.of();
  private int hostEndpoint;
  private boolean endpointsRestored;
  private BooleanSupplier clusterSynced = () -> false;
  private volatile RoutePlan routePlan = new RoutePlan(Map.of(), Map.of());
  private volatile Optional<Node> self = Optional.empty();
  private volatile Optional<PodNetwork> network = Optional.empty();
  private volatile String waitingFor = "the agent has just started";

  public LocalNode(Parts parts) {
    this.parts = parts;
    this.addressing = new NodeAddressing(parts.addresses, parts.state, parts.settings.families());
    this.underlays = new Underlays(parts.settings, parts.netlink);
    this.devices = new OwnDevices(parts.settings, parts.netlink, new Sysctls(parts.state));
    this.nextHops = new NextHops(parts.netlink);
    this.reaction = new KernelReaction(this, nextHops);
    this.kernel =
        new KernelTables(
            parts.netlink,
            new KernelTables.Sources(
                underlays::deviceEntries,
                () -> routePlan.routes(),
                () -> endpointsRestored,
                () -> clusterSynced.getAsBoolean(),
                this::rowsChanged));
    var control = parts.control;
    this.underlayLoop = control.register("underlay", PERIOD, this::reconcileUnderlay);
    this.deviceLoop = control.register("devices", PERIOD, this::reconcileDevices);
    this.programLoop = control.register("programs", PERIOD, this::reconcilePrograms);
    this.mapLoop = control.register("maps", NEVER, () -> kernel.reconcileMaps(false));
    var _ = control.register("maps-audit", PERIOD.multipliedBy(2), this::auditMaps);
    this.routeLoop = control.register("routes", PERIOD, this::reconcileRoutes);
    this.nextHopLoop = control.register("next-hops", PERIOD, this::reconcileNextHops);
    this.epochLoop = control.register("epoch", NEVER, kernel::publish);
    parts.tables.nodes().onChange(_ -> nodesChanged());
    parts.tables.endpoints().onChange(change -> kernel.follow(change, parts.rules));
  }

  /**
   * Takes up what an earlier agent knew, and starts.
   *
   * @param synced whether all of the cluster is known
   * @param reserveEndpoints takes the addresses of endpoints of before the restart, before others
   *     are given out, and returns the id of the node's own endpoint
   */
  public void start(BooleanSupplier synced, IntSupplier reserveEndpoints) {
    clusterSynced = synced;
    addressing.beforeAllocation(() -> hostEndpoint = reserveEndpoints.getAsInt());
    kernel.ipcache().set("world", parts.rules.world());
    underlayLoop.trigger();
    addressing.restore();
    addressingChanged();
  }

  /** The operator spoke: these are the CIDRs of this node by pool. */
  public void assign(Map<String, List<PodCidr>> pools, String error) {
    if (addressing.assign(pools, error)) {
      addressingChanged();
    } else {
      explain();
    }
  }

  /**
   * All endpoints of before the restart have their rows again: what is left in the maps belongs to
   * nobody.
   */
  public void endpointsRestored() {
    endpointsRestored = true;
    auditMaps();
    parts.programs.settle();
  }

  /** All of the cluster is known now: what is left of nodes that are gone may go. */
  public void clusterSynced() {
    auditMaps();
    routeLoop.trigger();
  }

  /** The addresses of the health endpoint, for other nodes to probe. */
  public void setHealthAddresses(List<IpAddress> addresses) {
    healthAddresses = List.copyOf(addresses);
    publish();
  }

  /** Something in the kernel changed under the decisions that flows carry. */
  public void makeStale() {
    kernel.makeStale();
    epochLoop.trigger();
  }

  /** Completes when programs are loaded and attached. */
  public CompletableFuture<Boolean> loaded() {
    return loaded;
  }

  /** What others changed in the kernel, as the watch tells it. Any thread. */
  public void react(List<NetlinkEvent> events) {
    parts.control.execute(() -> reaction.accept(events));
  }

  void lookAtUnderlay() {
    underlayLoop.trigger();
  }

  void lookAtDevices() {
    deviceLoop.trigger();
    programLoop.trigger();
    routeLoop.trigger();
  }

  void lookAtRoutes() {
    routeLoop.trigger();
  }

  void lookAtNextHops() {
    nextHopLoop.trigger();
  }

  public IpcacheTable ipcache() {
    return kernel.ipcache();
  }

  /** Why one of these addresses is not in the kernel. */
  public Optional<String> failure(List<IpAddress> addresses) {
    return kernel.failure(addresses);
  }

  /** As published last. Any thread. */
  public Optional<Node> self() {
    return self;
  }

  /** What pods need to know; empty until the programs are there. Any thread. */
  public Optional<PodNetwork> network() {
    return network;
  }

  /** One sentence; empty when pods can be added. Any thread. */
  public String waitingFor() {
    return waitingFor;
  }

  /** Index of the tunnel device, 0 when there is none. Any thread. */
  public int tunnelIndex() {
    return devices.present().map(OwnDevices.Present::tunnelIndex).orElse(0);
  }

  /** Any thread. */
  public boolean isOwn(IpAddress address) {
    return underlays.ownAddresses().contains(address);
  }

  /** For snapshots. Any thread. */
  public NodeView view() {
    return new NodeView(
        parts.settings, underlays, devices, () -> routePlan, kernel, parts.programs);
  }

  private void reconcileUnderlay() {
    if (underlays.look()) {
      LOG.info(
          "devices towards other nodes: {}",
          underlays.discovery().underlays().stream()
              .map(u -> u.name() + " " + u.addresses())
              .collect(Collectors.joining(", ")));
      kernel.makeStale();
      deviceLoop.trigger();
      programLoop.trigger();
      routeLoop.trigger();
      nextHopLoop.trigger();
      ownRowsChanged();
      publish();
    }
    explain();
    underlayProblem()
        .ifPresent(problem -> {
          throw new IllegalStateException(problem);
        });
  }

  private void reconcileDevices() {
    if (underlayProblem().isPresent()) {
      return;
    }
    if (devices.reconcile(underlays.deviceMtu(), addressing.routers())) {
      kernel.makeStale();
      ownRowsChanged();
      programLoop.trigger();
      routeLoop.trigger();
      epochLoop.trigger();
    }
  }

  /**
   * Maps are filled between loading and attaching, so that the first packet finds what it needs.
   */
  private void reconcilePrograms() {
    if (devices.present().isEmpty() || !addressing.isComplete()) {
      return;
    }
    var present = devices.present().get();
    if (parts.programs.load(programSettings(present))) {
      kernel.open(parts.programs);
      kernel.reconcileMaps(true);
      kernel.makeStale();
      epochLoop.trigger();
    }
    boolean attached =
        parts.programs.attach(HostDevices.HOST, present.host().index(), Programs.Place.HOST);
    if (present.tunnel().isPresent()) {
      attached |=
          parts.programs.attach(HostDevices.VXLAN, present.tunnelIndex(), Programs.Place.OVERLAY);
    }
    for (var underlay : underlays.discovery().underlays()) {
      attached |= parts.programs.attach(underlay.name(), underlay.index(), Programs.Place.UNDERLAY);
    }
    attached |= attachPods();
    if (attached) {
      makeStale();
    }
    accelerate();
    network =
        Optional.of(
            new PodNetwork(
                addressing.router(true),
                addressing.router(false),
                underlays.deviceMtu(),
                underlays.routeMtu()));
    explain();
    loaded.complete(true);
  }

  /** What cannot be fails this loop where it has to be; an agent that starts is not ready then. */
  private void accelerate() {
    var refused =
        underlays.discovery().underlays().stream()
            .flatMap(u -> parts.programs.accelerate(u.name(), u.index()).stream())
            .toList();
    if (!refused.isEmpty()
        && parts.settings.services().acceleration() != Acceleration.BEST_EFFORT) {
      explain();
      throw new IllegalStateException(String.join("; ", refused));
    }
  }

  /** Missing links of pods; a pod whose device is gone is looked after by its endpoint. */
  private boolean attachPods() {
    boolean attached = false;
    for (var endpoint : parts.tables.endpoints().snapshot().values()) {
      try {
        attached |=
            parts.programs.attach(
                endpoint.interfaceName(), endpoint.interfaceIndex(), Programs.Place.POD);
      } catch (LinuxException e) {
        if (parts.netlink.find(Links.byIndex(endpoint.interfaceIndex())).isPresent()) {
          throw e;
        }
      }
    }
    return attached;
  }

  private ProgramSettings programSettings(OwnDevices.Present present) {
    return new ProgramSettings(
        addressing.router(true),
        addressing.router(false),
        underlays.discovery().nodeAddress(true),
        underlays.discovery().nodeAddress(false),
        present.host().index(),
        present.net().index(),
        present.tunnelIndex(),
        underlays.routeMtu(),
        ProgramSettings.stackForwards(parts.settings, parts.store.sourceName()),
        parts.settings);
  }

  private void auditMaps() {
    kernel.reconcileMaps(true);
    epochLoop.trigger();
  }

  private void reconcileRoutes() {
    if (devices.present().isEmpty() || self.isEmpty()) {
      return;
    }
    var plan =
        RoutePlan.of(
            new RoutePlan.Inputs(
                self.get(),
                addressing.retired(),
                others(),
                parts.settings.routing(),
                parts.settings.families(),
                devices.present().get().host().index(),
                underlays.routeMtu(),
                underlays.discovery().directRouting()));
    plan.skipped().values().stream()
        .filter(reason -> !routePlan.skipped().containsValue(reason))
        .forEach(LOG::warn);
    routePlan = plan;
    kernel.reconcileRoutes();
    epochLoop.trigger();
  }

  private void reconcileNextHops() {
    nextHops.reconcile(
        others(),
        underlays.discovery().underlays().stream()
            .map(Underlay::index)
            .collect(Collectors.toSet()));
  }

  private List<Node> others() {
    return parts.tables.nodes().snapshot().values().stream()
        .filter(node -> !node.fullName().equals(parts.identity.fullName()))
        .sorted(Comparator.comparing(Node::fullName))
        .toList();
  }

  private void nodesChanged() {
    routeLoop.trigger();
    nextHopLoop.trigger();
  }

  private void rowsChanged() {
    mapLoop.trigger();
    epochLoop.trigger();
    if (!addressing.retired().isEmpty()) {
      routeLoop.trigger();
    }
  }

  private void addressingChanged() {
    ownRowsChanged();
    publish();
    deviceLoop.trigger();
    programLoop.trigger();
    routeLoop.trigger();
    explain();
  }

  private void ownRowsChanged() {
    var own = new ArrayList<>(underlays.ownAddresses());
    var routers = addressing.routers();
    devices
        .present()
        .ifPresent(present ->
            kernel
                .endpointRows()
                .setOwn(own, routers, hostEndpoint, Inet.model(present.host().mac())));
    own.addAll(routers);
    kernel.ipcache().set("self", parts.rules.self(own, addressing.podCidrs()));
  }

  /** Tells the cluster what this node is. */
  private void publish() {
    var discovery = underlays.discovery();
    if (discovery.directRouting().isEmpty()) {
      return;
    }
    var addresses = new ArrayList<NodeAddress>();
    for (boolean v4 : new boolean[] {true, false}) {
      discovery
          .nodeAddress(v4)
          .ifPresent(a -> addresses.add(new NodeAddress(NodeAddress.Type.INTERNAL_IP, a)));
    }
    addressing
        .routers()
        .forEach(a -> addresses.add(new NodeAddress(NodeAddress.Type.CILIUM_INTERNAL_IP, a)));
    var id = parts.identity;
    var node =
        new Node(
            id.name,
            id.cluster,
            id.clusterId,
            addresses,
            addressing.podCidrs(),
            healthAddresses,
            Map.of(),
            id.bootId);
    if (!self.equals(Optional.of(node))) {
      self = Optional.of(node);
      parts.tables.nodes().put(node.fullName(), node);
      parts.store.publishNode(node);
    }
  }

  private Optional<String> underlayProblem() {
    var discovery = underlays.discovery();
    if (discovery.directRouting().isEmpty()) {
      return Optional.of(
          parts.settings.devices().isEmpty()
              ? "no device towards other nodes was found: none has a default route or a global address"
              : "none of the devices "
                  + parts.settings.devices()
                  + " exists with a global address");
    }
    if (parts.settings.routing().isTunnel() && discovery.nodeAddress(true).isEmpty()) {
      return Optional.of(
          "the tunnel needs an IPv4 address on one of the devices "
              + discovery.underlays().stream().map(Underlay::name).toList());
    }
    return Optional.empty();
  }

  private String notLoaded() {
    var problems = parts.programs.problems();
    return problems.isEmpty() ? "the programs are not loaded yet" : String.join("; ", problems);
  }

  private void explain() {
    var problem = underlayProblem();
    if (problem.isPresent()) {
      waitingFor = problem.get();
    } else if (!addressing.isComplete()) {
      waitingFor = addressing.waitingFor();
    } else {
      waitingFor = network.isPresent() ? "" : notLoaded();
    }
  }
}
