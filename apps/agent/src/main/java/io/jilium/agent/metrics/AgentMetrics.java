// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import io.jilium.agent.api.NodeMaps;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.state.AgentState;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.DropReason;
import io.jilium.core.model.Endpoint;
import io.jilium.datapath.Counter;
import io.jilium.datapath.Direction;
import io.jilium.datapath.MetricsEntry;
import io.jilium.datapath.MetricsKey;
import io.jilium.wire.JiliumVersion;
import io.jilium.wire.agent.Metric;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The agent's metrics, under Cilium's names. Nothing is counted here: each reading collects what
 * the kernel and the agent's tables say then.
 */
public final class AgentMetrics {
  private final AgentState state;
  private final NodeMaps maps;
  private final EventMonitor monitor;
  private final Supplier<ConntrackFigures> conntrack;

  public AgentMetrics(
      AgentState state, NodeMaps maps, EventMonitor monitor, Supplier<ConntrackFigures> conntrack) {
    this.state = state;
    this.maps = maps;
    this.monitor = monitor;
    this.conntrack = conntrack;
  }

  /** All of them, now. */
  public MetricSnapshots read() {
    var families = new Families();
    agent(families);
    endpoints(families);
    addresses(families);
    packets(families);
    conntrack(families);
    mapSizes(families);
    HealthMetrics.add(state, families);
    events(families);
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

  private void packets(Families families) {
    var count = families.counters("cilium_drop_count", "Packets dropped, by reason and direction");
    var bytes = families.counters("cilium_drop_bytes", "Bytes dropped, by reason and direction");
    dropped()
        .forEach((key, entry) -> {
          count.add(entry.packets(), "direction", key.direction(), "reason", key.reason());
          bytes.add(entry.bytes(), "direction", key.direction(), "reason", key.reason());
        });
    count.done();
    bytes.done();
    MetricsEntry in = maps.counters().get(Counter.FORWARD_INGRESS);
    MetricsEntry out = maps.counters().get(Counter.FORWARD_EGRESS);
    families
        .counters("cilium_forward_count", "Packets forwarded, by direction")
        .add(in.packets(), "direction", "INGRESS")
        .add(out.packets(), "direction", "EGRESS")
        .done();
    families
        .counters("cilium_forward_bytes", "Bytes forwarded, by direction")
        .add(in.bytes(), "direction", "INGRESS")
        .add(out.bytes(), "direction", "EGRESS")
        .done();
  }

  private record Drop(String reason, String direction) {
    static Drop of(MetricsKey key) {
      return new Drop(
          DropReason.text(key.reason()),
          Direction.of(key.direction())
              .map(direction -> direction.name().toUpperCase(Locale.ROOT))
              .orElse("UNKNOWN"));
    }
  }

  /** Summed over the places in the source. */
  private Map<Drop, MetricsEntry> dropped() {
    return maps.metrics().entries().entrySet().stream()
        .filter(row -> row.getKey().reason() != 0)
        .collect(
            Collectors.toMap(
                row -> Drop.of(row.getKey()), Map.Entry::getValue, MetricsEntry::plus));
  }

  private void conntrack(Families families) {
    ConntrackFigures figures = conntrack.get();
    families
        .counters("cilium_datapath_conntrack_gc_runs", "Collections of idle connections")
        .add(figures.runs() - figures.failures(), "status", "completed")
        .add(figures.failures(), "status", "uncompleted")
        .done();
    families
        .gauges("cilium_datapath_conntrack_gc_entries", "Entries kept by the last collection")
        .add(figures.alive(), "status", "alive")
        .done();
    families.counter(
        "cilium_datapath_conntrack_gc_deleted",
        "Entries deleted by collections",
        figures.deleted());
    families.gauge(
        "cilium_datapath_conntrack_gc_duration_seconds",
        "Duration of the last collection",
        figures.duration().toNanos() / 1e9);
    families.gauge(
        "cilium_datapath_conntrack_gc_interval_seconds",
        "Time until the next collection",
        figures.interval().toMillis() / 1e3);
    families.counter(
        "jilium_flow_insert_failed",
        "Connections refused because the table was full",
        maps.counters().get(Counter.FLOW_INSERT_FAILED).packets());
  }

  private void mapSizes(Families families) {
    var pressure = families.gauges("cilium_bpf_map_pressure", "Part of a map that is in use");
    var capacity = families.gauges("cilium_bpf_map_capacity", "Most entries of a map");
    var entries =
        Map.of(
            "flows", new long[] {conntrack.get().alive(), maps.flows().capacity()},
            "ipcache", new long[] {state.ipcache().size(), maps.ipcache().capacity()},
            "endpoints",
                new long[] {
                  state.endpoints().stream()
                      .mapToInt(endpoint -> endpoint.addresses().size())
                      .sum(),
                  maps.endpoints().capacity()
                });
    new TreeMap<>(entries)
        .forEach((map, used) -> {
          pressure.add((double) used[0] / Math.max(1, used[1]), "map_name", map);
          capacity.add(used[1], "map_group", map);
        });
    pressure.done();
    capacity.done();
  }

  private void events(Families families) {
    families.counter("jilium_events", "Events read from the kernel", monitor.seen());
    families
        .counters("jilium_events_lost", "Events that nobody could take")
        .add(monitor.lost(), "source", "kernel")
        .add(monitor.clientLost(), "source", "client")
        .done();
  }

  private static Map<String, Long> count(List<String> names) {
    var counts = new TreeMap<String, Long>();
    names.forEach(name -> counts.merge(name, 1L, Long::sum));
    return counts;
  }
}
