// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

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
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import io.jilium.core.model.ReservedIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An agent that does nothing, in a state that has something of everything. */
public final class FakeState implements AgentState {
  private volatile String waitingFor = "";
  private volatile Connectivity connectivity =
      new Connectivity.Connected(Instant.EPOCH, "etcd 3.4.23");

  public void waitingFor(String reason) {
    waitingFor = reason;
  }

  public void connectivity(Connectivity next) {
    connectivity = next;
  }

  public static Endpoint endpoint(int id) {
    return new Endpoint(
        id,
        "container-" + id,
        "lxc" + id,
        100 + id,
        "eth0",
        "/proc/1/ns/net",
        new PodName("default", "web-" + id),
        Labels.k8s(Map.of("app", "web")),
        new NumericIdentity(3352),
        List.of(IpAddress.parse("10.244.0." + id)),
        MacAddress.ZERO,
        MacAddress.ZERO,
        EndpointState.READY);
  }

  @Override
  public String nodeName() {
    return "node-1";
  }

  @Override
  public String cluster() {
    return "lab";
  }

  @Override
  public Instant started() {
    return Instant.EPOCH;
  }

  @Override
  public String waitingFor() {
    return waitingFor;
  }

  @Override
  public Optional<Node> self() {
    return nodes().stream().findFirst();
  }

  @Override
  public List<Node> nodes() {
    return List.of(node("node-1", 1), node("node-2", 2));
  }

  private static Node node(String name, int number) {
    return new Node(
        name,
        "lab",
        0,
        List.of(
            new NodeAddress(NodeAddress.Type.INTERNAL_IP, IpAddress.parse("172.30.0." + number))),
        List.of(IpPrefix.parse("10.244." + (number - 1) + ".0/24")),
        List.of(),
        Map.of(),
        "");
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(endpoint(7), endpoint(8));
  }

  @Override
  public List<Identity> identities() {
    return List.of(
        Identity.of(ReservedIdentity.HOST),
        new Identity(new NumericIdentity(3352), Labels.k8s(Map.of("app", "web"))));
  }

  @Override
  public List<IpcacheRow> ipcache() {
    return List.of(
        new IpcacheRow(
            IpPrefix.parse("10.244.1.9/32"),
            new NumericIdentity(3352),
            Optional.of(IpAddress.parse("172.30.0.2")),
            1,
            0,
            "kvstore",
            new PodName("default", "other")));
  }

  @Override
  public List<RouteStatus> routes() {
    return List.of();
  }

  @Override
  public List<DeviceStatus> devices() {
    return List.of(
        new DeviceStatus(
            "eth0",
            2,
            DeviceStatus.Role.DIRECT_ROUTING,
            1500,
            MacAddress.ZERO,
            List.of(),
            List.of(),
            ""));
  }

  @Override
  public List<PoolStatus> pools() {
    var allocated = new TreeMap<IpAddress, String>();
    allocated.put(IpAddress.parse("10.244.0.1"), "router");
    return List.of(new PoolStatus(IpPrefix.parse("10.244.0.0/24"), 254, allocated));
  }

  @Override
  public DatapathStatus datapath() {
    return new DatapathStatus("TCX", "Tunnel [vxlan]", "BPF", 1500, 1450, 3, false, List.of());
  }

  @Override
  public String sourceName() {
    return "kvstore";
  }

  @Override
  public Connectivity connectivity() {
    return connectivity;
  }

  @Override
  public HealthReport health() {
    var well =
        new HealthReport.PathHealth(
            IpAddress.parse("172.30.0.1"),
            new HealthReport.Probe.Answered(Duration.ofMillis(1)),
            new HealthReport.Probe.Answered(Duration.ofMillis(2)));
    var ill =
        new HealthReport.PathHealth(
            IpAddress.parse("172.30.0.2"),
            new HealthReport.Probe.Failed("no answer within 5 s"),
            new HealthReport.Probe.NotYet());
    return new HealthReport(
        true,
        Instant.ofEpochSecond(1_700_000_000),
        Duration.ofSeconds(60),
        List.of(
            new HealthReport.NodeHealth("node-1", true, List.of(well), List.of()),
            new HealthReport.NodeHealth("node-2", false, List.of(ill), List.of())));
  }

  @Override
  public List<LoopStatus> loops() {
    return List.of(
        new LoopStatus("routes", 1_700_000_000_000L, 0, 0, ""),
        new LoopStatus("endpoints", 0, 1_700_000_000_000L, 2, "write endpoint: E2BIG"));
  }

  @Override
  public String cniConfig() {
    return "successfully wrote /etc/cni/net.d/05-jilium.conflist";
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }
}
