// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import io.jilium.agent.state.AgentState;
import io.jilium.agent.state.HealthReport;
import io.jilium.agent.state.HealthReport.NodeHealth;
import io.jilium.agent.state.HealthReport.PathHealth;
import io.jilium.agent.state.HealthReport.Probe;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** The reachability of other nodes as metrics. */
final class HealthMetrics {
  private HealthMetrics() {}

  static void add(AgentState state, Families families) {
    families.gauge("cilium_nodes_all_num", "Nodes known", state.nodes().size());
    HealthReport report = state.health();
    if (!report.enabled()) {
      return;
    }
    List<NodeHealth> remote = report.nodes().stream().filter(node -> !node.local()).toList();
    long hosts = unreachable(remote, NodeHealth::host);
    long endpoints = unreachable(remote, NodeHealth::endpoint);
    families.gauge("cilium_unreachable_nodes", "Nodes that do not answer", hosts);
    families.gauge(
        "cilium_unreachable_health_endpoints", "Health endpoints that do not answer", endpoints);
    families
        .gauges("cilium_node_health_connectivity_status", "Other nodes, by whether they answer")
        .add(remote.size() - hosts, labels(state, "node", "reachable"))
        .add(hosts, labels(state, "node", "unreachable"))
        .add(remote.size() - endpoints, labels(state, "endpoint", "reachable"))
        .add(endpoints, labels(state, "endpoint", "unreachable"))
        .done();
    perNode(state, report, families);
  }

  private static void perNode(AgentState state, HealthReport report, Families families) {
    var status = families.gauges("cilium_node_connectivity_status", "Whether a node answers");
    var latency =
        families.gauges("cilium_node_connectivity_latency_seconds", "How fast a node answers");
    for (NodeHealth node : report.nodes()) {
      addPaths(state, node, "node", node.host(), status, latency);
      addPaths(state, node, "endpoint", node.endpoint(), status, latency);
    }
    status.done();
    latency.done();
  }

  private static void addPaths(
      AgentState state,
      NodeHealth node,
      String type,
      List<PathHealth> paths,
      Families.Points status,
      Families.Points latency) {
    for (PathHealth path : paths) {
      String family = path.address().isV4() ? "ipv4" : "ipv6";
      status.add(
          path.reachable() ? 1 : 0,
          "source_node_name",
          state.nodeName(),
          "target_node_name",
          node.node(),
          "type",
          type,
          "family",
          family);
      addLatency(state, node, type + "/" + family + "/icmp", path.icmp(), latency);
      addLatency(state, node, type + "/" + family + "/http", path.http(), latency);
    }
  }

  private static void addLatency(
      AgentState state, NodeHealth node, String what, Probe probe, Families.Points latency) {
    if (probe instanceof Probe.Answered answered) {
      String[] parts = what.split("/", -1);
      latency.add(
          answered.latency().toNanos() / 1e9,
          "source_node_name",
          state.nodeName(),
          "target_node_name",
          node.node(),
          "type",
          parts[0],
          "family",
          parts[1],
          "protocol",
          parts[2]);
    }
  }

  private static long unreachable(
      List<NodeHealth> nodes, Function<NodeHealth, List<PathHealth>> paths) {
    Predicate<NodeHealth> answers =
        node -> paths.apply(node).stream().allMatch(PathHealth::reachable);
    return nodes.stream().filter(answers.negate()).count();
  }

  private static String[] labels(AgentState state, String type, String status) {
    return new String[] {
      "source_cluster",
      state.cluster(),
      "source_node_name",
      state.nodeName(),
      "type",
      type,
      "status",
      status
    };
  }
}
