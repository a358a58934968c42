// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.ClusterEvent.PodCidrsAssigned;
import io.jilium.core.model.ClusterEvent.PoolsAssigned;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PoolDemand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Nodes as objects: CiliumNode of {@code cilium.io/v2}, written by the agent and, as far as
 * addresses for pods go, by the operator; and the core's Node.
 */
final class CiliumNodes {
  private CiliumNodes() {}

  static Node read(JsonNode object, String cluster, int clusterId) {
    var spec = object.path("spec");
    var addresses = new ArrayList<NodeAddress>();
    for (JsonNode entry : spec.path("addresses")) {
      NodeAddress.Type.named(Json.text(entry, "type"))
          .ifPresent(type ->
              Json.address(entry, "ip").ifPresent(ip -> addresses.add(new NodeAddress(type, ip))));
    }
    var health = new ArrayList<IpAddress>();
    Json.address(spec.path("health"), "ipv4").ifPresent(health::add);
    Json.address(spec.path("health"), "ipv6").ifPresent(health::add);
    return new Node(
        Json.name(object),
        cluster,
        clusterId,
        addresses,
        podCidrs(spec.path("ipam")),
        health,
        Json.labels(object),
        Json.text(spec, "bootid"));
  }

  /** Of cluster-pool and kubernetes in one list, of multi-pool by pool. */
  private static List<IpPrefix> podCidrs(JsonNode ipam) {
    var cidrs = new ArrayList<>(Json.prefixes(ipam.path("podCIDRs")));
    for (JsonNode pool : ipam.path("pools").path("allocated")) {
      cidrs.addAll(Json.prefixes(pool.path("cidrs")));
    }
    return cidrs;
  }

  /** What the operator gave to the node. */
  static PodCidrsAssigned assignedByOperator(JsonNode ciliumNode) {
    return new PodCidrsAssigned(
        Json.prefixes(ciliumNode.path("spec").path("ipam").path("podCIDRs")),
        Json.text(ciliumNode.path("status").path("ipam").path("operator-status"), "error"));
  }

  /** What the operator gave to the node, by pool. */
  static PoolsAssigned poolsAssigned(JsonNode ciliumNode) {
    var pools = new TreeMap<String, List<PodCidr>>();
    for (JsonNode pool : ciliumNode.path("spec").path("ipam").path("pools").path("allocated")) {
      boolean first = pool.path("allowFirstIP").asBoolean(false);
      boolean last = pool.path("allowLastIP").asBoolean(false);
      pools.put(
          Json.text(pool, "pool"),
          Json.prefixes(pool.path("cidrs")).stream()
              .map(prefix -> new PodCidr(prefix, first, last))
              .toList());
    }
    return new PoolsAssigned(
        pools, Json.text(ciliumNode.path("status").path("ipam").path("operator-status"), "error"));
  }

  /** What the controller manager gave to the node. */
  static PodCidrsAssigned assignedByKubernetes(JsonNode node) {
    var spec = node.path("spec");
    var cidrs = Json.prefixes(spec.path("podCIDRs"));
    var single = Json.text(spec, "podCIDR");
    if (cidrs.isEmpty() && !single.isEmpty()) {
      cidrs = List.of(IpPrefix.parse(single));
    }
    return new PodCidrsAssigned(
        cidrs,
        cidrs.isEmpty()
            ? "Node "
                + Json.name(node)
                + " has no spec.podCIDR: start the controller manager with --allocate-node-cidrs, or"
                + " set ipam.mode=cluster-pool"
            : "");
  }

  /**
   * The fields that the agent owns.
   *
   * @param self as the agent knows its node
   * @param kubernetes the core's Node, which owns the object
   * @param withPodCidrs whether the pod CIDRs are not the operator's
   * @param demands what the node needs of pools
   */
  static ObjectNode write(
      Node self, JsonNode kubernetes, boolean withPodCidrs, List<PoolDemand> demands) {
    var object = KubeApi.JSON.createObjectNode();
    object.put("apiVersion", Resource.CILIUM_NODES.apiVersion());
    object.put("kind", Resource.CILIUM_NODES.kind());
    var metadata = object.putObject("metadata").put("name", self.name());
    var labels = metadata.putObject("labels");
    Json.labels(kubernetes).forEach(labels::put);
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", Resource.NODES.apiVersion())
        .put("kind", Resource.NODES.kind())
        .put("name", self.name())
        .put("uid", Json.uid(kubernetes));
    var spec = object.putObject("spec");
    var addresses = spec.putArray("addresses");
    for (var address : self.addresses()) {
      addresses
          .addObject()
          .put("type", address.type().text())
          .put("ip", address.address().toString());
    }
    spec.put("bootid", self.bootId());
    // Absent while there is none: where there was one, the server makes null of an empty object,
    // and refuses that.
    self.healthAddress(true).ifPresent(ip -> spec.withObject("health").put("ipv4", ip.toString()));
    self.healthAddress(false).ifPresent(ip -> spec.withObject("health").put("ipv6", ip.toString()));
    if (withPodCidrs) {
      var cidrs = spec.putObject("ipam").putArray("podCIDRs");
      self.podCidrs().forEach(cidr -> cidrs.add(cidr.toString()));
    }
    if (!demands.isEmpty()) {
      request(spec.withObject("ipam").putObject("pools").putArray("requested"), demands);
    }
    return object;
  }

  private static void request(ArrayNode requested, List<PoolDemand> demands) {
    for (var demand : demands) {
      var needed = requested.addObject().put("pool", demand.pool()).putObject("needed");
      if (demand.v4() > 0) {
        needed.put("ipv4-addrs", demand.v4());
      }
      if (demand.v6() > 0) {
        needed.put("ipv6-addrs", demand.v6());
      }
    }
  }

  /** Takes CIDRs out of those that the node was given; empty when none of them is among them. */
  static Optional<ObjectNode> giveBack(JsonNode ciliumNode, List<IpPrefix> unused) {
    var patch = KubeApi.JSON.createObjectNode();
    patch
        .putObject("metadata")
        .put("resourceVersion", Json.text(ciliumNode.path("metadata"), "resourceVersion"));
    var allocated = patch.withObject("spec").withObject("ipam").withObject("pools");
    var rest = allocated.putArray("allocated");
    boolean changed = false;
    for (JsonNode pool : ciliumNode.path("spec").path("ipam").path("pools").path("allocated")) {
      var kept = KubeApi.JSON.createArrayNode();
      for (JsonNode cidr : pool.path("cidrs")) {
        if (unused.contains(IpPrefix.parse(cidr.asText()))) {
          changed = true;
        } else {
          kept.add(cidr);
        }
      }
      if (!kept.isEmpty()) {
        ObjectNode copy = pool.deepCopy();
        copy.set("cidrs", kept);
        rest.add(copy);
      }
    }
    return changed ? Optional.of(patch) : Optional.empty();
  }
}
