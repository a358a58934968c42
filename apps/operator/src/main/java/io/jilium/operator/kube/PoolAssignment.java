// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.ipam.MultiPool;
import io.jilium.core.ipam.PodPool;
import io.jilium.core.model.IpPrefix;
import io.jilium.operator.kube.Rows.CiliumNodeRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.KubeApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** IPAM mode multi-pool: every CiliumNode has CIDRs of the pools that it asks for. */
final class PoolAssignment implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(PoolAssignment.class);

  private final Table<CiliumNodeRow> nodes;
  private final Table<PodPool> pools;
  private final NodeAnswers answers;
  private final MultiPool decisions = new MultiPool();

  PoolAssignment(
      Table<CiliumNodeRow> nodes, Table<PodPool> pools, Writer writer, OperatorMetrics metrics) {
    this.nodes = nodes;
    this.pools = pools;
    this.answers = new NodeAnswers(nodes, writer, metrics);
  }

  @Override
  public String name() {
    return "pools of nodes";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(nodes, pools);
  }

  @Override
  public Duration period() {
    return Duration.ofMinutes(1);
  }

  /** A CiliumPodIPPool. */
  static Optional<PodPool> pool(JsonNode object) {
    JsonNode spec = object.path("spec");
    return Optional.of(
        new PodPool(
            Rows.name(object),
            ranges(spec.path("ipv4")),
            ranges(spec.path("ipv6")),
            spec.path("allowFirstIP").asBoolean(false),
            spec.path("allowLastIP").asBoolean(false)));
  }

  private static Optional<PodPool.Ranges> ranges(JsonNode family) {
    return family.isObject()
        ? Optional.of(
            new PodPool.Ranges(prefixes(family.path("cidrs")), family.path("maskSize").asInt()))
        : Optional.empty();
  }

  private static List<IpPrefix> prefixes(JsonNode array) {
    List<IpPrefix> prefixes = new ArrayList<>();
    array.forEach(item -> prefixes.add(IpPrefix.parse(item.asText())));
    return prefixes;
  }

  private static MultiPool.Node view(CiliumNodeRow row) {
    List<MultiPool.Demand> requested = new ArrayList<>();
    for (JsonNode request : row.pools().path("requested")) {
      JsonNode needed = request.path("needed");
      requested.add(
          new MultiPool.Demand(
              Rows.text(request, "pool"),
              needed.path("ipv4-addrs").asLong(0),
              needed.path("ipv6-addrs").asLong(0)));
    }
    List<MultiPool.Allocation> allocated = new ArrayList<>();
    for (JsonNode allocation : row.pools().path("allocated")) {
      allocated.add(
          new MultiPool.Allocation(
              Rows.text(allocation, "pool"), prefixes(allocation.path("cidrs"))));
    }
    return new MultiPool.Node(row.name(), requested, allocated, row.error());
  }

  @Override
  public void work() {
    decisions.pools(pools.values());
    for (MultiPool.Assignment assignment :
        decisions.assign(nodes.values().stream().map(PoolAssignment::view).toList())) {
      if (assignment.isChange()) {
        write(assignment);
      }
    }
    answers.count();
  }

  private void write(MultiPool.Assignment assignment) {
    String name = assignment.node().name();
    CiliumNodeRow row = nodes.rows().get(name);
    if (row == null) {
      return;
    }
    if (!assignment.node().allocated().equals(assignment.allocated())) {
      ObjectNode patch = Writer.patch(row.version());
      ArrayNode list =
          patch.putObject("spec").putObject("ipam").putObject("pools").putArray("allocated");
      assignment.allocated().forEach(allocation -> list.add(tree(allocation)));
      if (!answers.give(name, patch)) {
        return;
      }
      LOG.info("node {} has {}", name, assignment.allocated());
    }
    answers.conclude(row, assignment.error());
  }

  private ObjectNode tree(MultiPool.Allocation allocation) {
    ObjectNode tree = KubeApi.JSON.createObjectNode();
    tree.put("pool", allocation.pool());
    ArrayNode cidrs = tree.putArray("cidrs");
    allocation.cidrs().forEach(cidr -> cidrs.add(cidr.toString()));
    PodPool pool = pools.rows().get(allocation.pool());
    if (pool != null && pool.allowFirst()) {
      tree.put("allowFirstIP", true);
    }
    if (pool != null && pool.allowLast()) {
      tree.put("allowLastIP", true);
    }
    return tree;
  }
}
