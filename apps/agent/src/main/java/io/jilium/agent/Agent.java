// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.agent.api.AgentInterfaces;
import io.jilium.agent.conntrack.ConntrackLoop;
import io.jilium.agent.endpoint.CniInstallation;
import io.jilium.agent.endpoint.EndpointPlatform;
import io.jilium.agent.endpoint.EndpointRow;
import io.jilium.agent.endpoint.EndpointService;
import io.jilium.agent.endpoint.PodNetwork;
import io.jilium.agent.health.HealthEndpoint;
import io.jilium.agent.health.HealthProbes;
import io.jilium.agent.health.HealthService;
import io.jilium.agent.ipcache.ClaimRules;
import io.jilium.agent.ipcache.ClaimSource;
import io.jilium.agent.node.ClusterFeed;
import io.jilium.agent.node.ClusterIdentities;
import io.jilium.agent.node.DatapathPrograms;
import io.jilium.agent.node.EndpointWiring;
import io.jilium.agent.node.ForwardRules;
import io.jilium.agent.node.KernelWatch;
import io.jilium.agent.node.LocalNode;
import io.jilium.agent.node.NodeAddresses;
import io.jilium.agent.node.OverlayCapture;
import io.jilium.agent.node.Programs;
import io.jilium.agent.node.RememberingStore;
import io.jilium.agent.node.SoloStore;
import io.jilium.agent.node.StateFile;
import io.jilium.agent.node.Tables;
import io.jilium.agent.service.NodeServices;
import io.jilium.agent.table.ControlLoop;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.PodName;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.core.settings.Settings;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.KernelClock;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.linux.netlink.NetlinkEvent;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.SocketDiagnosis;
import io.jilium.linux.sys.Mounts;
import io.jilium.source.etcd.EtcdStore;
import io.jilium.source.etcd.EtcdStoreOptions;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeStore;
import io.jilium.source.kube.KubeStoreOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that runs on a node, constructed in order. What is in the kernel stays when the agent
 * ends, however it ends; the next one compares and repairs.
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration PROGRESS = Duration.ofSeconds(5);
  private static final Duration CNI_PERIOD = Duration.ofSeconds(30);
  private static final String HEALTH = "health.addresses";

  private final AgentOptions options;
  private final Settings settings;
  private final Optional<KubeApi> kubernetes;
  private final Instant started = Instant.now();
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private volatile Optional<ConntrackLoop> conntrack = Optional.empty();
  private volatile boolean closed;

  /**
   * @param kubernetes the API server that has the cluster; closed with the agent
   */
  public Agent(AgentOptions options, Settings settings, Optional<KubeApi> kubernetes) {
    this.options = options;
    this.settings = settings;
    this.kubernetes = kubernetes;
  }

  /** Returns when pods can be added; before that it may wait for the operator. */
  public void start() throws InterruptedException {
    own(AgentLock.take(options.runDirectory()));
    Mounts.ensureBpffs(options.bpffs());
    var saved = StateFile.open(directory(options.stateDirectory()).resolve("node"));
    FormerName.takeOver(options, saved);
    FormerName.remember(options, saved);
    var netlink = own(NetlinkSocket.open());
    var clock = own(KernelClock.open());
    var programs = own(new DatapathPrograms(options.pins(), netlink, clock.hz()));
    var control = own(ControlLoop.start());
    var tables = Tables.empty();
    var addresses = new NodeAddresses(settings.families());
    var store = own(new RememberingStore(store(), options.stateDirectory().resolve("cluster")));
    if (settings.ipam().mode() == Settings.IpamMode.MULTI_POOL) {
      addresses.usePools(store::poolOf, store::requestPools);
    }
    var rules = rules(store);
    var parts =
        new LocalNode.Parts(
            identity(),
            settings,
            control,
            tables,
            netlink,
            saved,
            addresses,
            programs,
            store,
            rules);
    var node = new LocalNode(parts);
    var feed = new ClusterFeed(parts, node, store.connectivity());
    var wiring = own(new EndpointWiring(parts, node, this::scrub));
    var identities = new ClusterIdentities(tables, store, settings.cluster().name(), feed);
    var platform =
        new EndpointPlatform(addresses, identities, wiring, node::network, () -> obstacle(node));
    var endpoints = own(new EndpointService(options.runDirectory(), platform));
    tables.pods().onChange(change -> endpoints.podChanged(change.key()));
    tables.namespaces().onChange(change -> endpoints.namespaceChanged(change.key()));
    var view = new StateView(started, parts, node, feed, endpoints);
    var interfaces =
        own(AgentInterfaces.open(options.agentSocket(), settings, view, endpoints, view::warn));
    control.submit(() -> startNode(node, feed, endpoints)).join();
    own(KernelWatch.start(events -> kernelChanged(events, view, node, endpoints)));
    startServices(parts, node, feed, endpoints, interfaces, view);
    store.start(events -> control.execute(() -> feed.accept(events)));
    awaitLoaded(node);
    if (programs.stackForwards()) {
      own(ForwardRules.start(settings.families()));
    }
    conntrack = Optional.of(own(ConntrackLoop.start(programs.datapath(), clock::jiffies)));
    interfaces.loaded(programs.datapath(), clock::jiffies, conntrack.get()::figures);
    watchCaptures(programs, node, view);
    endpoints.restore();
    control.submitSettled(() -> endpointsRestored(node, wiring, store)).join();
    endpoints.open();
    installPlugin(view, control);
    LOG.info("ready after {} ms", Duration.between(started, Instant.now()).toMillis());
    startHealth(parts, node, wiring, endpoints, view);
  }

  private void startServices(
      LocalNode.Parts parts,
      LocalNode node,
      ClusterFeed feed,
      EndpointService endpoints,
      AgentInterfaces interfaces,
      StateView view) {
    if (settings.services().sockets()) {
      var services =
          own(parts.control().submit(() -> balance(parts, node, feed, endpoints)).join());
      interfaces.services(services.view());
      SocketDiagnosis.whyNoAborts()
          .ifPresent(
              why -> view.warn("connected UDP sockets stay with a backend that is gone: " + why));
    } else {
      // An agent with other settings may have left programs, which nobody would tell of changes.
      ServiceDatapath.remove(options.pins());
    }
  }

  /** Services are followed before the store tells of the first one. */
  private NodeServices balance(
      LocalNode.Parts parts, LocalNode node, ClusterFeed feed, EndpointService endpoints) {
    var services =
        NodeServices.open(
            new NodeServices.Parts(
                options.node(),
                parts.identity().fullName(),
                settings.services(),
                parts.control(),
                parts.tables().nodes(),
                parts.tables().pods(),
                decisions(node, parts.programs()),
                parts.programs()::reload),
            new NodeServices.Surroundings(
                options.pins(), Path.of(settings.bpf().cgroupRoot()), endpoints::namespaces));
    feed.followServices(services::accept);
    return services;
  }

  private static NodeServices.Decisions decisions(LocalNode node, Programs programs) {
    return new NodeServices.Decisions() {
      @Override
      public void makeStale() {
        node.makeStale();
      }

      @Override
      public void makeStale(Collection<FrontendKey> changed) {
        programs.servicesChanged(changed);
      }
    };
  }

  /** In reverse order of construction; pods go on talking. */
  @Override
  public void close() {
    closed = true;
    while (!owned.isEmpty()) {
      var part = owned.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("close {}: {}", part.getClass().getSimpleName(), e.getMessage());
      }
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    owned.push(part);
    return part;
  }

  private ClusterStore store() {
    if (kubernetes.isPresent()) {
      return KubeStore.create(kubernetes.get(), KubeStoreOptions.of(options.node(), settings));
    }
    if (settings.ipam().mode() == Settings.IpamMode.MULTI_POOL) {
      throw new IllegalStateException("ipam.mode=multi-pool needs Kubernetes: give --k8s");
    }
    return options.etcd().isEmpty()
        ? new SoloStore(settings)
        : EtcdStore.create(EtcdStoreOptions.of(options.etcd(), options.node(), settings));
  }

  private ClaimRules rules(ClusterStore store) {
    return new ClaimRules(
        settings.routing().isTunnel(), settings.families(), ClaimSource.named(store.sourceName()));
  }

  private static Optional<String> obstacle(LocalNode node) {
    return Optional.of(node.waitingFor()).filter(reason -> !reason.isEmpty());
  }

  private LocalNode.Identity identity() {
    return new LocalNode.Identity(
        options.node(), settings.cluster().name(), settings.cluster().id(), bootId());
  }

  private boolean startNode(LocalNode node, ClusterFeed feed, EndpointService endpoints) {
    node.start(
        feed::isSynced,
        () -> {
          endpoints.reserve();
          return showHost(endpoints);
        });
    return true;
  }

  /** The node itself is an endpoint: it shows in lists, and events of the node carry its id. */
  private int showHost(EndpointService endpoints) {
    int id = endpoints.allocateId();
    var host =
        new Endpoint(
            id,
            "",
            "cilium_host",
            0,
            "",
            "",
            PodName.NONE,
            ReservedIdentity.HOST.labels(),
            ReservedIdentity.HOST.id(),
            List.of(),
            MacAddress.ZERO,
            MacAddress.ZERO,
            EndpointState.READY);
    endpoints.show(new EndpointRow(host, "", "", started));
    return id;
  }

  private static void kernelChanged(
      List<NetlinkEvent> events, StateView view, LocalNode node, EndpointService endpoints) {
    node.react(events);
    for (var event : events) {
      if (event instanceof NetlinkEvent.LinkRemoved(var link)) {
        endpoints.deviceChanged(link.name());
        if (link.name().equals(HealthEndpoint.DEVICE)) {
          node.network().ifPresent(view::repairHealth);
        }
      }
    }
  }

  private void awaitLoaded(LocalNode node) throws InterruptedException {
    while (true) {
      try {
        var _ = node.loaded().get(PROGRESS.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        LOG.info("{}", node.waitingFor());
      } catch (ExecutionException e) {
        throw new IllegalStateException(String.valueOf(e.getMessage()), e);
      }
    }
  }

  private void watchCaptures(DatapathPrograms programs, LocalNode node, StateView view) {
    var forced = OverlayCapture.forced(settings);
    if (!settings.routing().isTunnel() || forced.isPresent()) {
      programs.runtime().overlayCapture(forced.orElse(false));
      view.overlayCapture(() -> forced.orElse(false));
      return;
    }
    var capture = own(OverlayCapture.start(node::tunnelIndex, programs.runtime()::overlayCapture));
    view.overlayCapture(capture::active);
  }

  private static boolean endpointsRestored(
      LocalNode node, EndpointWiring wiring, ClusterStore store) {
    node.endpointsRestored();
    wiring.publishAll();
    store.removeLeftovers();
    return true;
  }

  /** A node without the plugin's binary still forwards; status says what is missing. */
  private void installPlugin(StateView view, ControlLoop control) {
    var cni =
        new CniInstallation(
            options.conflist(),
            options.root().resolve("opt/cni/bin"),
            options.cniSocket(),
            new CniInstallation.Wanted(
                settings.cni().exclusive(), !settings.kubeProxyReplacement()));
    view.cniConfig(cni::status);
    try {
      cni.install(options.cniPlugin());
    } catch (IllegalStateException e) {
      view.warn(String.valueOf(e.getMessage()));
    }
    control.register("cni", CNI_PERIOD, () -> cni.install(options.cniPlugin())).trigger();
  }

  private void startHealth(
      LocalNode.Parts parts,
      LocalNode node,
      EndpointWiring wiring,
      EndpointService endpoints,
      StateView view) {
    PodNetwork network = node.network().orElseThrow();
    var health =
        own(
            HealthService.start(
                new HealthService.Parts(
                    settings.health(),
                    parts.netlink(),
                    parts.addresses(),
                    wiring,
                    endpoints,
                    savedHealth(parts.state()),
                    addresses -> publishHealth(addresses, parts, node),
                    () -> targets(parts)),
                network));
    view.health(health);
    var self = parts.identity().fullName();
    parts
        .tables()
        .nodes()
        .onChange(change -> {
          health.trigger();
          if (change.key().equals(self)) { // its pod CIDRs may be others
            Thread.startVirtualThread(() -> node.network().ifPresent(health::repair));
          }
        });
  }

  private static List<IpAddress> savedHealth(StateFile saved) {
    var text = saved.get(HEALTH).orElse("");
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(IpAddress::parse).toList();
  }

  private static void publishHealth(
      List<IpAddress> addresses, LocalNode.Parts parts, LocalNode node) {
    parts
        .state()
        .put(HEALTH, String.join(",", addresses.stream().map(IpAddress::toString).toList()));
    parts.control().execute(() -> node.setHealthAddresses(addresses));
  }

  private HealthProbes.Targets targets(LocalNode.Parts parts) {
    return new HealthProbes.Targets(
        options.node(),
        List.copyOf(parts.tables().nodes().snapshot().values()),
        settings.health().endpoints());
  }

  private CompletableFuture<Void> scrub(Collection<IpAddress> addresses) {
    return conntrack
        .filter(_ -> !closed)
        .map(loop -> loop.scrub(addresses))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  private static String bootId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static Path directory(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + path, e);
    }
  }
}
