// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.ipam.NodeCidrs;
import io.jilium.core.settings.Settings;
import io.jilium.operator.kube.Rows.CiliumNodeRow;
import io.jilium.operator.serve.ClusterPools;
import io.jilium.operator.serve.OperatorMetrics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** IPAM mode cluster-pool: every CiliumNode has its pod CIDRs. */
final class NodeCidrAssignment implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCidrAssignment.class);

  private final Table<CiliumNodeRow> nodes;
  private final OperatorMetrics metrics;
  private final NodeAnswers answers;
  private final NodeCidrs cidrs;
  private final Set<String> known = new HashSet<>();

  NodeCidrAssignment(
      Table<CiliumNodeRow> nodes, Writer writer, OperatorMetrics metrics, Settings settings) {
    this.nodes = nodes;
    this.metrics = metrics;
    this.answers = new NodeAnswers(nodes, writer, metrics);
    this.cidrs = ClusterPools.of(settings);
  }

  @Override
  public String name() {
    return "pod CIDRs of nodes";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(nodes);
  }

  @Override
  public Duration period() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void work() {
    known.removeIf(name -> {
      boolean gone = !nodes.rows().containsKey(name);
      if (gone) {
        cidrs.release(name);
      }
      return gone;
    });
    known.addAll(nodes.rows().keySet());
    List<NodeCidrs.Node> views =
        nodes.values().stream()
            .map(row -> new NodeCidrs.Node(row.name(), row.podCidrs(), row.error()))
            .toList();
    for (NodeCidrs.Assignment assignment : cidrs.assign(views)) {
      if (assignment.isChange()) {
        write(assignment);
      }
    }
    metrics.pool("ipv4", cidrs.used(true), cidrs.capacity(true));
    metrics.pool("ipv6", cidrs.used(false), cidrs.capacity(false));
    answers.count();
  }

  private void write(NodeCidrs.Assignment assignment) {
    String name = assignment.node().name();
    CiliumNodeRow row = nodes.rows().get(name);
    if (row == null) {
      return;
    }
    if (!row.podCidrs().equals(assignment.podCidrs())) {
      ObjectNode patch = Writer.patch(row.version());
      ArrayNode list = patch.putObject("spec").putObject("ipam").putArray("podCIDRs");
      assignment.podCidrs().forEach(cidr -> list.add(cidr.toString()));
      if (!answers.give(name, patch)) {
        return;
      }
      LOG.info("node {} has pod CIDRs {}", name, assignment.podCidrs());
    }
    answers.conclude(row, assignment.error());
  }
}
