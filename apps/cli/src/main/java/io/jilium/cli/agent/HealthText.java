// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.Ago;
import io.jilium.cli.Table;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.NodeHealth;
import io.jilium.wire.agent.Probe;
import java.io.PrintWriter;

/** The reachability of nodes for people. */
final class HealthText {
  private HealthText() {}

  /** {@code 3/3 reachable (2026-01-01T00:00:00Z)}. */
  static String summary(HealthStatus health) {
    long reachable = health.getNodesList().stream().filter(HealthText::reachable).count();
    String when = Ago.timestamp(health.getProbedUnixNanos());
    return "%d/%d reachable   (%s)"
        .formatted(reachable, health.getNodesCount(), when.isEmpty() ? "not probed yet" : when);
  }

  /** A row per node. */
  static Table nodes(HealthStatus health) {
    var table = new Table("Name", "IP", "Node", "Endpoints");
    for (NodeHealth node : health.getNodesList()) {
      table.row(
          name(node),
          node.getHostIcmp().getAddress(),
          word(reachable(node.getHostIcmp(), node.getHostHttp())),
          node.getEndpointIcmp().getAddress().isEmpty()
              ? "-"
              : word(reachable(node.getEndpointIcmp(), node.getEndpointHttp())));
    }
    return table;
  }

  /** Every probe with its latency. */
  static void details(HealthStatus health, PrintWriter out) {
    String when = Ago.timestamp(health.getProbedUnixNanos());
    out.println("Probe time:   " + (when.isEmpty() ? "not probed yet" : when));
    out.println("Nodes:");
    for (NodeHealth node : health.getNodesList()) {
      out.println("  " + name(node) + ":");
      place("Host connectivity", node.getHostIcmp(), node.getHostHttp(), out);
      place("Endpoint connectivity", node.getEndpointIcmp(), node.getEndpointHttp(), out);
    }
  }

  static boolean reachable(NodeHealth node) {
    return reachable(node.getHostIcmp(), node.getHostHttp())
        && (node.getEndpointIcmp().getAddress().isEmpty()
            || reachable(node.getEndpointIcmp(), node.getEndpointHttp()));
  }

  private static boolean reachable(Probe icmp, Probe http) {
    return icmp.getReachable() && (http.getAddress().isEmpty() || http.getReachable());
  }

  private static void place(String title, Probe icmp, Probe http, PrintWriter out) {
    if (icmp.getAddress().isEmpty()) {
      return;
    }
    out.println("    %s to %s:".formatted(title, icmp.getAddress()));
    out.println("      ICMP to stack:   " + outcome(icmp));
    if (!http.getAddress().isEmpty()) {
      out.println("      HTTP to agent:   " + outcome(http));
    }
  }

  private static String outcome(Probe probe) {
    if (probe.getReachable()) {
      return "OK, RTT=" + Ago.latency(probe.getLatencyNanos());
    }
    return probe.getMessage().isEmpty() ? "not reachable" : probe.getMessage();
  }

  private static String name(NodeHealth node) {
    return node.getLocal() ? node.getName() + " (localhost)" : node.getName();
  }

  private static String word(boolean reachable) {
    return reachable ? "reachable" : "unreachable";
  }
}
