// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.operator.kube.Rows.NodeRow;
import io.jilium.operator.kube.Rows.PodRow;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node whose agent is ready takes pods: the taint that kept them away goes, and the node's
 * condition says that the network is there. One that has an agent which is not ready is given the
 * taint again; pods that run there stay.
 */
final class NodeReadiness implements Duty {
  static final String TAINT = "node.cilium.io/agent-not-ready";
  static final String REASON = "CiliumIsUp";
  private static final String MESSAGE = "Jilium is running on this node";
  private static final Logger LOG = LoggerFactory.getLogger(NodeReadiness.class);

  private final Table<NodeRow> nodes;
  private final Table<PodRow> pods;
  private final Writer writer;
  private final OperatorFlags flags;

  NodeReadiness(Table<NodeRow> nodes, Table<PodRow> pods, Writer writer, OperatorFlags flags) {
    this.nodes = nodes;
    this.pods = pods;
    this.writer = writer;
    this.flags = flags;
  }

  @Override
  public String name() {
    return "readiness of nodes";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(nodes, pods);
  }

  @Override
  public Duration period() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void work() {
    Set<String> there = agents(pod -> true);
    Set<String> ready = agents(pod -> pod.ready() && !pod.deleting());
    for (NodeRow node : List.copyOf(nodes.values())) {
      if (ready.contains(node.name())) {
        ready(node);
      } else if (there.contains(node.name()) && flags.setTaint() && !isTainted(node)) {
        taint(node);
      }
    }
  }

  private Set<String> agents(Predicate<PodRow> which) {
    return pods.values().stream()
        .filter(pod -> pod.agent() && which.test(pod))
        .map(PodRow::node)
        .collect(Collectors.toSet());
  }

  private void ready(NodeRow node) {
    if (flags.setNodeCondition() && !node.up()) {
      condition(node);
    }
    if (flags.removeTaint() && isTainted(node)) {
      untaint(node.name());
    }
  }

  private void taint(NodeRow node) {
    ObjectNode patch = Writer.patch(node.version());
    ArrayNode taints = patch.putObject("spec").putArray("taints");
    node.taints().forEach(taints::add);
    taints.addObject().put("key", TAINT).put("effect", "NoSchedule");
    writer
        .merge(Resource.NODES, Resource.NODES.path(node.name()), patch)
        .ifPresent(written -> {
          LOG.info("node {} takes no more pods: its agent is not ready", node.name());
          nodes.put(written);
        });
  }

  private static boolean isTainted(NodeRow node) {
    for (JsonNode taint : node.taints()) {
      if (Rows.text(taint, "key").equals(TAINT)) {
        return true;
      }
    }
    return false;
  }

  private void condition(NodeRow node) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    ObjectNode patch = KubeApi.JSON.createObjectNode();
    patch
        .putObject("status")
        .putArray("conditions")
        .addObject()
        .put("type", "NetworkUnavailable")
        .put("status", "False")
        .put("reason", REASON)
        .put("message", MESSAGE)
        .put("lastHeartbeatTime", now)
        .put("lastTransitionTime", now);
    writer
        .strategicMerge(Resource.NODES, Resource.NODES.path(node.name(), "status"), patch)
        .ifPresent(nodes::put);
  }

  private void untaint(String name) {
    // The condition may just have changed its version.
    NodeRow node = nodes.rows().get(name);
    if (node == null) {
      return;
    }
    ObjectNode patch = Writer.patch(node.version());
    ArrayNode taints = patch.putObject("spec").putArray("taints");
    for (JsonNode taint : node.taints()) {
      if (!Rows.text(taint, "key").equals(TAINT)) {
        taints.add(taint);
      }
    }
    writer
        .merge(Resource.NODES, Resource.NODES.path(name), patch)
        .ifPresent(written -> {
          LOG.info("node {} takes pods: its agent is ready", name);
          nodes.put(written);
        });
  }
}
