// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.Ago;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.NodeHealth;
import io.jilium.wire.agent.PathHealth;
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

  /** A row for each address that is probed. */
  static Table nodes(HealthStatus health) {
    var table = new Table("Name", "IP", "Node", "Endpoints");
    for (NodeHealth node : health.getNodesList()) {
      int rows = Math.max(node.getHostCount(), node.getEndpointCount());
      for (int i = 0; i < rows; i++) {
        table.row(
            i == 0 ? name(node) : "",
            i < node.getHostCount() ? node.getHost(i).getAddress() : "",
            i < node.getHostCount() ? word(reachable(node.getHost(i))) : "",
            i < node.getEndpointCount() ? word(reachable(node.getEndpoint(i))) : "");
      }
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
      node.getHostList().forEach(path -> place("Host connectivity", path, out));
      node.getEndpointList().forEach(path -> place("Endpoint connectivity", path, out));
    }
  }

  static boolean reachable(NodeHealth node) {
    return node.getHostList().stream().allMatch(HealthText::reachable)
        && node.getEndpointList().stream().allMatch(HealthText::reachable);
  }

  private static boolean reachable(PathHealth path) {
    return path.getIcmp().getReachable() && path.getHttp().getReachable();
  }

  private static void place(String title, PathHealth path, PrintWriter out) {
    out.println("    %s to %s:".formatted(title, path.getAddress()));
    out.println("      ICMP to stack:   " + outcome(path.getIcmp()));
    out.println("      HTTP to agent:   " + outcome(path.getHttp()));
  }

  private static String outcome(Probe probe) {
    return probe.getReachable()
        ? "OK, RTT=" + Ago.latency(probe.getLatencyNanos())
        : probe.getMessage();
  }

  private static String name(NodeHealth node) {
    return node.getLocal() ? node.getName() + " (localhost)" : node.getName();
  }

  private static String word(boolean reachable) {
    return reachable ? "reachable" : "unreachable";
  }
}
