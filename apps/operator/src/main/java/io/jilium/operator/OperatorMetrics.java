// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator;

import java.util.Map;
import java.util.TreeMap;

/** Counters in Prometheus' text format (version 0.0.4). Thread-safe. */
final class OperatorMetrics {
  private final Map<String, Double> values = new TreeMap<>();

  private static final Map<String, String> HELP =
      new TreeMap<>(
          Map.of(
              "cilium_operator_identity_gc_entries",
              "gauge The number of alive and deleted identities at the end of a garbage collector run",
              "cilium_operator_identity_gc_runs",
              "counter The number of times identity garbage collector has run",
              "cilium_operator_ipam_nodes",
              "gauge Number of nodes by category",
              "cilium_operator_ipam_allocation_ops",
              "counter Number of pod CIDR assignments by outcome",
              "cilium_operator_leader_election_master_status",
              "gauge Gauge of if the reporting system is master of the relevant lease",
              "jilium_operator_nodes_removed",
              "counter Number of CiliumNodes removed because the node was gone",
              "jilium_operator_pool_cidrs",
              "gauge Node CIDRs of the cluster pool by family and state"));

  OperatorMetrics() {
    identitiesCollected(0, 0);
    values.put("cilium_operator_identity_gc_runs{outcome=\"success\"}", 0.0);
    nodes(0, 0);
    values.put("jilium_operator_nodes_removed", 0.0);
  }

  synchronized void leader(String name, boolean leading) {
    values.put(
        "cilium_operator_leader_election_master_status{name=\"" + escaped(name) + "\"}",
        leading ? 1.0 : 0.0);
  }

  synchronized void nodes(int total, int inDeficit) {
    values.put("cilium_operator_ipam_nodes{category=\"total\"}", (double) total);
    values.put("cilium_operator_ipam_nodes{category=\"in-deficit\"}", (double) inDeficit);
  }

  synchronized void pool(String family, int used, long capacity) {
    values.put(
        "jilium_operator_pool_cidrs{family=\"" + family + "\",state=\"used\"}", (double) used);
    values.put(
        "jilium_operator_pool_cidrs{family=\"" + family + "\",state=\"capacity\"}",
        (double) capacity);
  }

  synchronized void allocated(boolean success) {
    add("cilium_operator_ipam_allocation_ops{status=\"" + (success ? "success" : "failed") + "\"}");
  }

  synchronized void nodeRemoved() {
    add("jilium_operator_nodes_removed");
  }

  synchronized void identitiesCollected(int alive, int deleted) {
    values.put("cilium_operator_identity_gc_entries{status=\"alive\"}", (double) alive);
    values.put("cilium_operator_identity_gc_entries{status=\"deleted\"}", (double) deleted);
    add("cilium_operator_identity_gc_runs{outcome=\"success\"}");
  }

  private void add(String series) {
    values.merge(series, 1.0, Double::sum);
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** The whole page. */
  synchronized String text() {
    var text = new StringBuilder();
    String before = "";
    for (Map.Entry<String, Double> entry : values.entrySet()) {
      int brace = entry.getKey().indexOf('{');
      String name = brace < 0 ? entry.getKey() : entry.getKey().substring(0, brace);
      if (!name.equals(before)) {
        String help = HELP.getOrDefault(name, "untyped ");
        int space = help.indexOf(' ');
        text.append("# HELP ")
            .append(name)
            .append(' ')
            .append(help.substring(space + 1))
            .append('\n');
        text.append("# TYPE ").append(name).append(' ').append(help, 0, space).append('\n');
        before = name;
      }
      text.append(entry.getKey()).append(' ').append(entry.getValue()).append('\n');
    }
    return text.toString();
  }
}
