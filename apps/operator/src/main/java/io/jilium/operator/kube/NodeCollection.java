// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import io.jilium.operator.kube.Rows.CiliumNodeRow;
import io.jilium.operator.kube.Rows.NodeRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** No CiliumNode stays whose Node is gone. */
final class NodeCollection implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCollection.class);

  private final Table<NodeRow> nodes;
  private final Table<CiliumNodeRow> ciliumNodes;
  private final Writer writer;
  private final OperatorMetrics metrics;
  private final Patience patience;

  NodeCollection(
      Table<NodeRow> nodes,
      Table<CiliumNodeRow> ciliumNodes,
      Writer writer,
      OperatorMetrics metrics,
      Patience patience) {
    this.nodes = nodes;
    this.ciliumNodes = ciliumNodes;
    this.writer = writer;
    this.metrics = metrics;
    this.patience = patience;
  }

  @Override
  public String name() {
    return "collection of CiliumNodes";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(nodes, ciliumNodes);
  }

  @Override
  public Duration period() {
    return Duration.ofSeconds(1);
  }

  @Override
  public void work() {
    Set<String> orphans = new HashSet<>(ciliumNodes.rows().keySet());
    orphans.removeAll(nodes.rows().keySet());
    for (String name : patience.over(orphans)) {
      CiliumNodeRow row = ciliumNodes.rows().get(name);
      if (row != null
          && writer.delete(
              Resource.CILIUM_NODES, Resource.CILIUM_NODES.path(name), row.version())) {
        LOG.info("node {} is gone: what it had for pods, {}, is free", name, row.podCidrs());
        ciliumNodes.remove(name);
        metrics.nodeRemoved();
      }
    }
  }
}
