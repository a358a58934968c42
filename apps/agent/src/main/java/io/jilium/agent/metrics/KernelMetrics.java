// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import io.jilium.agent.conntrack.ConntrackFigures;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.monitor.Kernel;
import io.jilium.agent.monitor.NodeMaps;
import io.jilium.agent.service.ServiceView;
import io.jilium.agent.state.AgentState;
import io.jilium.core.model.DropReason;
import io.jilium.datapath.Counter;
import io.jilium.datapath.Direction;
import io.jilium.datapath.MetricsEntry;
import io.jilium.datapath.MetricsKey;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the programs count, as metrics. */
final class KernelMetrics {
  private final AgentState state;
  private final NodeMaps maps;
  private final EventMonitor monitor;
  private final ConntrackFigures figures;
  private final Optional<ServiceView> services;

  KernelMetrics(AgentState state, Kernel kernel, Optional<ServiceView> services) {
    this.state = state;
    this.services = services;
    this.maps = kernel.maps();
    this.monitor = kernel.monitor();
    this.figures = kernel.conntrack().get();
  }

  void add(Families families) {
    packets(families);
    conntrack(families);
    mapSizes(families);
    events(families);
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
    MetricsEntry early = maps.counters().get(Counter.FORWARD_XDP);
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
    families.counter(
        "jilium_forward_xdp_count",
        "Of the forwarded packets those that XDP sent on before the stack saw them",
        early.packets());
    families.counter("jilium_forward_xdp_bytes", "The bytes of these", early.bytes());
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
    var entries = new TreeMap<String, long[]>();
    services.ifPresent(view ->
        view.uses()
            .forEach(
                use -> entries.put(use.map().mapName(), new long[] {use.used(), use.capacity()})));
    entries.putAll(
        Map.of(
            "flows", new long[] {figures.alive(), maps.flows().capacity()},
            "ipcache", new long[] {state.ipcache().size(), maps.ipcache().capacity()},
            "endpoints",
                new long[] {
                  state.endpoints().stream()
                      .mapToInt(endpoint -> endpoint.addresses().size())
                      .sum(),
                  maps.endpoints().capacity()
                }));
    entries.forEach((map, used) -> {
      pressure.add((double) used[0] / Math.max(1, used[1]), "map_name", map);
      capacity.add(used[1], "map_group", map);
    });
    pressure.done();
    capacity.done();
    var resizes =
        families.counters("jilium_bpf_map_resizes", "Times that a map became larger while in use");
    services.ifPresent(view ->
        view.resizes().forEach((map, times) -> resizes.add(times, "map_name", map.mapName())));
    resizes.done();
  }

  private void events(Families families) {
    families.counter("jilium_events", "Events read from the kernel", monitor.seen());
    families
        .counters("jilium_events_lost", "Events that nobody could take")
        .add(monitor.lost(), "source", "kernel")
        .add(monitor.clientLost(), "source", "client")
        .done();
  }
}
