// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.serve;

import java.util.Map;
import java.util.TreeMap;

/** Counters in Prometheus' text format (version 0.0.4). Thread-safe. */
public final class OperatorMetrics {
  private final Map<String, Double> values = new TreeMap<>();

  private static final Map<String, String> HELP =
      help(
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
          "gauge Node CIDRs of the cluster pool by family and state",
          "cilium_operator_lbipam_conflicting_pools",
          "gauge The number of conflicting pools",
          "cilium_operator_lbipam_ips_available",
          "gauge The number of IP addresses available in a pool",
          "cilium_operator_lbipam_ips_used",
          "gauge The number of IP addresses used in a pool",
          "cilium_operator_lbipam_services_matching",
          "gauge The number of services that LB-IPAM gives addresses",
          "cilium_operator_lbipam_services_unsatisfied",
          "gauge The number of services that did not get all they asked for",
          "cilium_operator_ces_sync_total",
          "counter The number of completed writes of CiliumEndpointSlices by outcome",
          "cilium_operator_unmanaged_pods",
          "gauge The number of pods that should have a CiliumEndpoint and have none",
          "cilium_operator_endpoint_gc_objects",
          "counter The number of CiliumEndpoints whose pod was gone, by outcome");

  private static Map<String, String> help(String... namesAndTexts) {
    Map<String, String> help = new TreeMap<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      help.put(namesAndTexts[i], namesAndTexts[i + 1]);
    }
    return help;
  }

  /** Everything zero. */
  public OperatorMetrics() {
    identitiesCollected(0, 0);
    values.put("cilium_operator_identity_gc_runs{outcome=\"success\"}", 0.0);
    nodes(0, 0);
    values.put("jilium_operator_nodes_removed", 0.0);
  }

  /** Whether this operator leads. */
  public synchronized void leader(String name, boolean leading) {
    values.put(
        "cilium_operator_leader_election_master_status{name=\"" + escaped(name) + "\"}",
        leading ? 1.0 : 0.0);
  }

  /** How many nodes there are, and how many of them lack CIDRs. */
  public synchronized void nodes(int total, int inDeficit) {
    values.put("cilium_operator_ipam_nodes{category=\"total\"}", (double) total);
    values.put("cilium_operator_ipam_nodes{category=\"in-deficit\"}", (double) inDeficit);
  }

  /** CIDRs of the cluster pool. */
  public synchronized void pool(String family, int used, long capacity) {
    values.put(
        "jilium_operator_pool_cidrs{family=\"" + family + "\",state=\"used\"}", (double) used);
    values.put(
        "jilium_operator_pool_cidrs{family=\"" + family + "\",state=\"capacity\"}",
        (double) capacity);
  }

  /** A node was given CIDRs, or told that there are none. */
  public synchronized void allocated(boolean success) {
    add("cilium_operator_ipam_allocation_ops{status=\"" + (success ? "success" : "failed") + "\"}");
  }

  /** A CiliumNode was removed because its node was gone. */
  public synchronized void nodeRemoved() {
    add("jilium_operator_nodes_removed");
  }

  /** A run of the collection of identities ended. */
  public synchronized void identitiesCollected(int alive, int deleted) {
    values.put("cilium_operator_identity_gc_entries{status=\"alive\"}", (double) alive);
    values.put("cilium_operator_identity_gc_entries{status=\"deleted\"}", (double) deleted);
    add("cilium_operator_identity_gc_runs{outcome=\"success\"}");
  }

  /** Sets a gauge: {@code name} or {@code name{label="value"}}. */
  public synchronized void set(String series, double value) {
    values.put(series, value);
  }

  /** Forgets the series of a name. */
  public synchronized void clear(String name) {
    values.keySet().removeIf(series -> series.startsWith(name + "{"));
  }

  /** Counts one up. */
  public synchronized void count(String series) {
    add(series);
  }

  private void add(String series) {
    values.merge(series, 1.0, Double::sum);
  }

  /** A label's value as it stands in a series. */
  public static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** The whole page. */
  public synchronized String text() {
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
