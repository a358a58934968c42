// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.agent.table.ControlLoop;
import io.jilium.agent.table.Table;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.Topic;
import io.jilium.core.model.Node;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.core.model.ServiceName;
import io.jilium.core.service.Algorithm;
import io.jilium.core.service.Changes;
import io.jilium.core.service.Client;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.HostPort;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.NodeFacts;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.ServiceOptions;
import io.jilium.core.service.Services;
import io.jilium.core.settings.ServiceSettings;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.MapFull;
import io.jilium.datapath.ServiceConfig;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.datapath.ServiceMaps;
import io.jilium.datapath.ServiceSizes;
import io.jilium.datapath.SocketHook;
import io.jilium.linux.ebpf.KernelFeature;
import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Syscalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of this node: what the cluster says of them, decided and brought into the kernel.
 * Until services and slices are all known, what a former agent left goes on serving. Belongs to the
 * control thread.
 */
public final class NodeServices implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeServices.class);
  private static final Duration PERIOD = Duration.ofSeconds(30);
  private static final long REPAIR_NANOS = Duration.ofMinutes(5).toNanos();
  private static final String ZONE = "topology.kubernetes.io/zone";

  /**
   * What services take from the node.
   *
   * @param node name of this node
   * @param fullName {@link Node#fullName} of this node
   * @param packets has the programs of packets use the maps that are pinned now
   */
  public record Parts(
      String node,
      String fullName,
      ServiceSettings settings,
      ControlLoop control,
      Table<String, Node> nodes,
      Table<PodName, Pod> pods,
      Decisions decisions,
      Runnable packets) {}

  /** The cached decisions of packets, which are told when tables have changed. */
  public interface Decisions {
    /** All of them are made anew. */
    void makeStale();

    /** So are those that asked for one of these. */
    void makeStale(Collection<FrontendKey> changed);
  }

  /**
   * Where the node is.
   *
   * @param pins the node's directory on a bpffs
   * @param cgroup whose sockets are balanced, and those of the groups below; where it is no
   *     cgroup2, the whole hierarchy of the machine
   * @param namespaces the network namespaces of pods, as they are when it is asked
   */
  public record Surroundings(Path pins, Path cgroup, Supplier<Collection<Path>> namespaces) {}

  private final Parts parts;
  private final ServiceDatapath datapath;
  private final Services services;
  private final NodeAddressRows nodeAddresses;
  private final SocketAborts aborts;
  private final SocketCuts cuts;
  private final MapGrowth growth;
  private final HealthServers health;
  private final ControlLoop.Loop loop;
  private final Set<Topic> synced = EnumSet.noneOf(Topic.class);
  private Optional<ServiceTables> tables = Optional.empty();
  private boolean nodesChanged = true;
  private String zone = "";
  private volatile boolean current;
  private volatile List<ServiceView.Use> uses = List.of();
  private long repaired;

  private NodeServices(Parts parts, ServiceDatapath datapath, SocketAborts aborts) {
    this.parts = parts;
    this.datapath = datapath;
    var settings = parts.settings;
    this.services =
        new Services(
            new ServiceOptions(
                settings.proxyName(),
                Algorithm.named(settings.algorithm().text()).orElseThrow(),
                settings.topology(),
                settings.externalClusterIp()),
            new NodeFacts(parts.node, "", Set.of()));
    this.nodeAddresses =
        new NodeAddressRows(
            datapath.maps().nodeAddresses(), parts.fullName, settings.nodePortAddresses());
    this.aborts = aborts;
    this.cuts = new SocketCuts(datapath.maps().socketFlows(), aborts::abort);
    this.growth =
        new MapGrowth(datapath, settings.mapLimit(), parts.packets, this::moveTo, System::nanoTime);
    this.health = new HealthServers(() -> current);
    settings.healthz().ifPresent(health::serveHealthz);
    this.loop = parts.control.register("services", PERIOD, this::run);
    parts.pods.onChange(change -> hostPorts(change.key()));
    parts.pods.snapshot().keySet().forEach(this::hostPorts);
    parts.nodes.onChange(_ -> {
      nodesChanged = true;
      loop.trigger();
    });
  }

  /** Loads the programs of sockets beside those of packets, attaches them, and starts to follow. */
  public static NodeServices open(Parts parts, Surroundings place) {
    var settings = parts.settings;
    long host;
    try (var netns = Netns.current()) {
      host = netns.cookie().orElse(0);
    }
    var config =
        new ServiceConfig(
            host,
            settings.hostSocketsOnly(),
            KernelFeatures.probe().has(KernelFeature.SET_RETVAL),
            ServiceSizes.of(settings.mapMax(), settings.maglev().tableSize()));
    var datapath = ServiceDatapath.load(place.pins, config);
    try {
      datapath.notices().forEach(LOG::info);
      datapath.attach(hierarchy(place.cgroup), hooks(settings));
      LOG.info("programs of sockets loaded in {} ms", datapath.loadTime().toMillis());
      return new NodeServices(parts, datapath, new SocketAborts(place.namespaces));
    } catch (RuntimeException e) {
      datapath.close();
      throw e;
    }
  }

  private static Path hierarchy(Path cgroup) {
    boolean usable =
        Files.isDirectory(cgroup) && Syscalls.statfsType(cgroup) == Mounts.CGROUP2_SUPER_MAGIC;
    return usable ? cgroup : Mounts.ensureCgroup2(cgroup);
  }

  private static Set<SocketHook> hooks(ServiceSettings settings) {
    var hooks = EnumSet.allOf(SocketHook.class);
    if (!settings.bindProtection()) {
      hooks.removeAll(EnumSet.of(SocketHook.POST_BIND4, SocketHook.POST_BIND6));
    }
    return hooks;
  }

  /** Something changed in the cluster: of services, or what the cluster says of this node. */
  public void accept(ClusterEvent event) {
    switch (event) {
      case ClusterEvent.ServiceChanged(var service) -> services.put(service);
      case ClusterEvent.ServiceGone(var name) -> services.removeService(name);
      case ClusterEvent.EndpointSliceChanged(var slice) -> services.put(slice);
      case ClusterEvent.EndpointSliceGone(var name) -> services.removeSlice(name);
      case ClusterEvent.Synced(var topic) -> synced.add(topic);
      case ClusterEvent.NodeChanged(var self) -> {
        zone = self.labels().getOrDefault(ZONE, "");
        nodesChanged = true;
      }
      default -> {
        return;
      }
    }
    loop.trigger();
  }

  /** Of a pod of this node. */
  private void hostPorts(PodName name) {
    var pod = parts.pods.snapshot().get(name);
    services.hostPorts(
        new ServiceName(name.namespace(), name.name()), pod == null ? List.of() : listens(pod));
    loop.trigger();
  }

  private static List<HostPort> listens(Pod pod) {
    var ports = new ArrayList<HostPort>();
    for (var address : pod.addresses()) {
      for (var port : pod.hostPorts()) {
        if (port.addresses().isEmpty()) {
          var any = PortAddress.anyAddress(address.isV4(), port.port(), port.protocol());
          ports.add(new HostPort(any, address, port.podPort()));
        }
        for (var listen : port.addresses()) {
          if (listen.isV4() == address.isV4()) {
            var at = new PortAddress(listen, port.port(), port.protocol());
            ports.add(new HostPort(at, address, port.podPort()));
          }
        }
      }
    }
    return ports;
  }

  private boolean isSynced() {
    return synced.contains(Topic.SERVICES) && synced.contains(Topic.ENDPOINT_SLICES);
  }

  private void run() {
    if (!isSynced()) {
      return;
    }
    if (nodesChanged) {
      nodesChanged = false;
      services.node(facts());
      parts.decisions.makeStale(updateAddresses());
    }
    var changes = services.update();
    changes
        .problems()
        .forEach((owner, all) -> all.forEach(problem -> LOG.warn("{}: {}", owner, problem)));
    if (tables.isEmpty()) {
      begin();
    } else {
      follow(tables.get(), changes);
    }
    health.update(services.healthChecks());
    current = true;
    uses = tables.orElseThrow().uses();
    var failures = tables.orElseThrow().failures();
    if (!failures.isEmpty()) {
      var first = failures.entrySet().iterator().next();
      throw new IllegalStateException(
          "%d addresses of services are not in the kernel, the first is %s:%d: %s%s"
              .formatted(
                  failures.size(),
                  first.getKey().address(),
                  first.getKey().port(),
                  first.getValue(),
                  growth.obstacle().isEmpty() ? "" : "; " + growth.obstacle()));
    }
    if (!health.failures().isEmpty()) {
      throw new IllegalStateException(health.failures().iterator().next());
    }
  }

  private List<FrontendKey> updateAddresses() {
    while (true) {
      try {
        return nodeAddresses.update(parts.nodes.snapshot().values());
      } catch (MapFull e) {
        if (!growth.grow(Map.of(e.map(), 0))) {
          nodesChanged = true;
          throw e;
        }
      }
    }
  }

  private void moveTo(ServiceMaps larger) {
    tables.ifPresent(kernel -> kernel.moveTo(larger));
    nodeAddresses.moveTo(larger.nodeAddresses());
    cuts.moveTo(larger.socketFlows());
  }

  private NodeFacts facts() {
    var nodes = parts.nodes.snapshot();
    return new NodeFacts(parts.node, zone, NodeAddressRows.all(nodes.values()));
  }

  private void begin() {
    var maglev =
        new Maglev(parts.settings.maglev().tableSize(), parts.settings.maglev().hashSeed());
    boolean drop = parts.settings.noBackend() == ServiceSettings.NoBackend.DROP;
    var fresh = new ServiceTables(datapath.maps(), maglev, drop, System::nanoTime);
    fresh.start(services);
    tables = Optional.of(fresh);
    growth.makeRoom(fresh, services);
    repaired = System.nanoTime();
    fresh.changed();
    parts.decisions.makeStale();
    sweep(fresh);
  }

  /** Connections to what went unnoticed. */
  private void sweep(ServiceTables kernel) {
    if (kernel.failures().isEmpty()) {
      int forgotten = cuts.sweep(services, kernel);
      if (forgotten > 0) {
        LOG.info("{} flows of UDP sockets forgotten: their backends are gone", forgotten);
      }
    }
  }

  private void follow(ServiceTables kernel, Changes changes) {
    var wanted = SocketCuts.wanted(changes.cuts(), kernel);
    kernel.apply(changes);
    if (System.nanoTime() - repaired > REPAIR_NANOS) {
      repaired = System.nanoTime();
      nodeAddresses.read();
      nodesChanged = true;
      kernel.repair(services);
      sweep(kernel);
    }
    kernel.retry(services);
    growth.makeRoom(kernel, services);
    parts.decisions.makeStale(kernel.changed());
    if (!changes.isEmpty()) {
      cuts.apply(wanted);
    }
  }

  /** For other threads. */
  public ServiceView view() {
    return new ServiceView(parts.control, this);
  }

  /** What is in the kernel; the caller closes it. */
  ServiceMaps openMaps() {
    return datapath.open();
  }

  /** How often maps became larger; those that never did are not named. Any thread. */
  Map<DatapathMap, Integer> resizes() {
    return growth.resizes();
  }

  /** How full the tables are; empty before the first decision. Any thread. */
  List<ServiceView.Use> uses() {
    return uses;
  }

  /** All frontends, sorted by address. */
  List<ServiceView.Row> rows() {
    var rows = new ArrayList<ServiceView.Row>();
    services.frontends().values().forEach(frontend -> rows.add(row(frontend)));
    return rows;
  }

  private ServiceView.Row row(Frontend frontend) {
    var listed = new ArrayList<ServiceView.Listed>();
    for (var backend : services.listed(frontend)) {
      listed.add(
          new ServiceView.Listed(
              tables.map(kernel -> kernel.backendId(backend.address())).orElse(0),
              backend,
              tables.map(kernel -> kernel.connections(backend.address())).orElse(0L)));
    }
    var failures = tables.map(ServiceTables::failures).orElse(Map.of());
    return new ServiceView.Row(
        tables.map(kernel -> kernel.id(frontend.address())).orElse(0),
        frontend,
        listed,
        failures.getOrDefault(FrontendRows.key(frontend.address()), ""));
  }

  /** What becomes of a connection, and what is wrong with the service. */
  ServiceView.Answer explain(PortAddress asked, Asker asker) {
    var client =
        switch (asker) {
          case Asker.Anybody() -> new Client.Inside();
          case Asker.Outside(var address) -> new Client.Outside(address);
          case Asker.OfPod pod -> localPod(pod);
        };
    var explanation = services.explain(asked, nodeAddresses.place(asked.address()), client);
    var problems =
        explanation
            .frontend()
            .map(frontend -> services.problems().getOrDefault(frontend.owner(), List.of()))
            .orElse(List.of());
    return new ServiceView.Answer(explanation, problems);
  }

  private Client localPod(Asker.OfPod asked) {
    var pods = parts.pods.snapshot();
    var known = Objects.requireNonNull(pods.get(asked.in(pods.keySet())));
    return known.hostNetwork() ? new Client.Inside() : new Client.LocalPod(known.addresses());
  }

  /** The handles; programs and tables stay. */
  @Override
  public void close() {
    health.close();
    aborts.close();
    datapath.close();
  }
}
