// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.agent.endpoint.EndpointRow;
import io.jilium.agent.endpoint.Endpoints;
import io.jilium.agent.endpoint.PodNetwork;
import io.jilium.agent.health.HealthService;
import io.jilium.agent.node.ClusterFeed;
import io.jilium.agent.node.LocalNode;
import io.jilium.agent.node.NodeView;
import io.jilium.agent.state.AgentState;
import io.jilium.agent.state.DatapathStatus;
import io.jilium.agent.state.DeviceStatus;
import io.jilium.agent.state.HealthReport;
import io.jilium.agent.state.IpcacheRow;
import io.jilium.agent.state.PoolStatus;
import io.jilium.agent.state.RouteStatus;
import io.jilium.agent.table.LoopStatus;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.Node;
import io.jilium.core.model.ReservedIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's state as its parts show it. Parts that come late are told to it. */
final class StateView implements AgentState {
  private static final Logger LOG = LoggerFactory.getLogger(StateView.class);

  private final LocalNode.Parts parts;
  private final Instant started;
  private final LocalNode node;
  private final NodeView view;
  private final ClusterFeed feed;
  private final Endpoints endpoints;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private volatile Optional<HealthService> health = Optional.empty();
  private volatile BooleanSupplier overlayCapture = () -> false;
  private volatile Supplier<String> cniConfig = () -> "not written yet";

  StateView(
      Instant started,
      LocalNode.Parts parts,
      LocalNode node,
      ClusterFeed feed,
      Endpoints endpoints) {
    this.started = started;
    this.parts = parts;
    this.node = node;
    this.view = node.view();
    this.feed = feed;
    this.endpoints = endpoints;
  }

  void health(HealthService service) {
    health = Optional.of(service);
  }

  void repairHealth(PodNetwork network) {
    health.ifPresent(service -> service.repair(network));
  }

  void overlayCapture(BooleanSupplier active) {
    overlayCapture = active;
  }

  void cniConfig(Supplier<String> status) {
    cniConfig = status;
  }

  void warn(String sentence) {
    LOG.warn("{}", sentence);
    warnings.add(sentence);
  }

  @Override
  public String nodeName() {
    return parts.identity().name();
  }

  @Override
  public String cluster() {
    return parts.identity().cluster();
  }

  @Override
  public Instant started() {
    return started;
  }

  @Override
  public String waitingFor() {
    return node.waitingFor();
  }

  @Override
  public Optional<Node> self() {
    return node.self();
  }

  @Override
  public List<Node> nodes() {
    return parts.tables().nodes().snapshot().values().stream()
        .sorted(Comparator.comparing(Node::fullName))
        .toList();
  }

  @Override
  public List<Endpoint> endpoints() {
    return endpoints.list().stream().map(EndpointRow::endpoint).toList();
  }

  @Override
  public List<Identity> identities() {
    var all = new ArrayList<Identity>();
    Arrays.stream(ReservedIdentity.values())
        .filter(reserved -> reserved != ReservedIdentity.UNKNOWN)
        .map(Identity::of)
        .forEach(all::add);
    all.addAll(parts.tables().identities().snapshot().values());
    all.sort(Comparator.comparing(Identity::id));
    return List.copyOf(all);
  }

  @Override
  public List<IpcacheRow> ipcache() {
    return view.ipcache();
  }

  @Override
  public List<RouteStatus> routes() {
    return view.routes();
  }

  @Override
  public List<DeviceStatus> devices() {
    return view.devices();
  }

  @Override
  public List<PoolStatus> pools() {
    return parts.addresses().status();
  }

  @Override
  public DatapathStatus datapath() {
    return view.datapath(overlayCapture.getAsBoolean());
  }

  @Override
  public String sourceName() {
    return parts.store().sourceName();
  }

  @Override
  public Connectivity connectivity() {
    return feed.connectivity();
  }

  @Override
  public HealthReport health() {
    return health.map(HealthService::report).orElse(HealthReport.DISABLED);
  }

  @Override
  public List<LoopStatus> loops() {
    return parts.control().statuses();
  }

  @Override
  public String cniConfig() {
    return cniConfig.get();
  }

  @Override
  public List<String> warnings() {
    var all = new ArrayList<>(warnings);
    all.addAll(parts.store().troubles());
    NotEnforced.warning(parts.tables().policies().snapshot().keySet()).ifPresent(all::add);
    health.map(HealthService::problem).filter(p -> !p.isEmpty()).ifPresent(all::add);
    return List.copyOf(all);
  }
}
