// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import io.jilium.agent.monitor.Kernel;
import io.jilium.agent.service.ServiceView;
import io.jilium.agent.state.AgentState;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.wire.JiliumVersion;
import io.jilium.wire.agent.Metric;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The agent's metrics, under Cilium's names. Nothing is counted here: each reading collects what
 * the kernel and the agent's tables say then.
 */
public final class AgentMetrics {
  private final AgentState state;
  private final Supplier<Optional<Kernel>> kernel;
  private final Supplier<Optional<ServiceView>> services;

  /**
   * @param kernel empty until programs are loaded
   * @param services empty where they are not balanced
   */
  public AgentMetrics(
      AgentState state,
      Supplier<Optional<Kernel>> kernel,
      Supplier<Optional<ServiceView>> services) {
    this.state = state;
    this.kernel = kernel;
    this.services = services;
  }

  /** All of them, now. */
  public MetricSnapshots read() {
    var families = new Families();
    agent(families);
    endpoints(families);
    addresses(families);
    kernel
        .get()
        .ifPresent(loaded -> new KernelMetrics(state, loaded, services.get()).add(families));
    HealthMetrics.add(state, families);
    RuntimeMetrics.add(state.started(), families);
    return families.build();
  }

  /** One message for each value whose metric's name matches. */
  public List<Metric> list(String pattern) {
    var wanted = Pattern.compile(pattern);
    return MetricValues.of(read()).stream()
        .filter(metric -> wanted.matcher(metric.getName()).find())
        .toList();
  }

  private void agent(Families families) {
    families
        .gauges("cilium_version", "Version of the agent")
        .add(1, "version", JiliumVersion.text())
        .done();
    var loops = state.loops();
    families.gauge(
        "cilium_controllers_failing",
        "Controllers whose last run failed",
        loops.stream().filter(loop -> !loop.healthy()).count());
    var failures =
        families.gauges(
            "cilium_controllers_consecutive_failures", "Failures in a row of each controller");
    loops.forEach(loop -> failures.add(loop.consecutiveFailures(), "name", loop.name()));
    failures.done();
    if (!state.sourceName().isEmpty()) {
      families
          .gauges("jilium_store_connected", "Whether the cluster's store answers")
          .add(
              state.connectivity() instanceof Connectivity.Connected ? 1 : 0,
              "source",
              state.sourceName())
          .done();
    }
    families.gauge("jilium_datapath_epoch", "Epoch of cached decisions", state.datapath().epoch());
  }

  private void endpoints(Families families) {
    List<Endpoint> endpoints = state.endpoints();
    families.gauge("cilium_endpoint", "Endpoints of this node", endpoints.size());
    var states = families.gauges("cilium_endpoint_state", "Endpoints by state");
    count(endpoints.stream().map(endpoint -> endpoint.state().text()).toList())
        .forEach((name, number) -> states.add(number, "endpoint_state", name));
    states.done();
    var identities = families.gauges("cilium_identity", "Identities known to this node");
    count(
            state.identities().stream()
                .map(identity ->
                    identity.id().isReserved()
                        ? "reserved"
                        : identity.id().isLocal() ? "node_local" : "cluster_local")
                .toList())
        .forEach((type, number) -> identities.add(number, "type", type));
    identities.done();
  }

  private void addresses(Families families) {
    var allocated = families.gauges("cilium_ip_addresses", "Addresses given to endpoints");
    var capacity = families.gauges("cilium_ipam_capacity", "Addresses that the node can give");
    var families4and6 = new TreeMap<String, double[]>();
    state
        .pools()
        .forEach(pool -> {
          double[] sums =
              families4and6.computeIfAbsent(
                  pool.cidr().isV4() ? "ipv4" : "ipv6", family -> new double[2]);
          sums[0] += pool.allocated().size();
          sums[1] += pool.capacity();
        });
    families4and6.forEach((family, sums) -> {
      allocated.add(sums[0], "family", family);
      capacity.add(sums[1], "family", family);
    });
    allocated.done();
    capacity.done();
  }

  private static Map<String, Long> count(List<String> names) {
    var counts = new TreeMap<String, Long>();
    names.forEach(name -> counts.merge(name, 1L, Long::sum));
    return counts;
  }
}
