// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.operator.kube.Rows.CiliumNodeRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.Resource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What IPAM writes into CiliumNodes, in whichever mode it was decided. */
final class NodeAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAnswers.class);

  private final Table<CiliumNodeRow> nodes;
  private final Writer writer;
  private final OperatorMetrics metrics;

  NodeAnswers(Table<CiliumNodeRow> nodes, Writer writer, OperatorMetrics metrics) {
    this.nodes = nodes;
    this.writer = writer;
    this.metrics = metrics;
  }

  /** Gives a node its addresses; false when that could not be written. */
  boolean give(String node, ObjectNode patch) {
    return taken(writer.merge(Resource.CILIUM_NODES, Resource.CILIUM_NODES.path(node), patch));
  }

  /** Writes what a node has to know of its addresses; nothing, where all is well. */
  void conclude(CiliumNodeRow row, String error) {
    if (!row.error().equals(error)) {
      if (!taken(tell(row.name(), error))) {
        return;
      }
      if (!error.isEmpty()) {
        LOG.error("node {}: {}", row.name(), error);
      }
    }
    metrics.allocated(error.isEmpty());
  }

  /** Tells the metrics how many nodes there are, and how many of them lack addresses. */
  void count() {
    metrics.nodes(
        nodes.rows().size(),
        (int) nodes.values().stream().filter(row -> !row.error().isEmpty()).count());
  }

  private boolean taken(Optional<JsonNode> written) {
    written.ifPresent(nodes::put);
    return written.isPresent();
  }

  private Optional<JsonNode> tell(String node, String error) {
    ObjectNode patch = KubeApi.JSON.createObjectNode();
    ObjectNode status = patch.putObject("status").putObject("ipam").putObject("operator-status");
    if (error.isEmpty()) {
      status.putNull("error");
    } else {
      status.put("error", error);
    }
    return writer.merge(Resource.CILIUM_NODES, Resource.CILIUM_NODES.path(node, "status"), patch);
  }
}
