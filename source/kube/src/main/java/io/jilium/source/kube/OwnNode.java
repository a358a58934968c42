// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.PoolDemand;
import java.util.List;
import java.util.Optional;

/** Keeps this node's part of its CiliumNode; the operator writes the other part. Thread-safe. */
final class OwnNode {
  private final boolean withPodCidrs;
  private Optional<Node> desired = Optional.empty();
  private Optional<ObjectNode> kubernetes = Optional.empty();
  private Optional<ObjectNode> written = Optional.empty();
  private List<PoolDemand> demands = List.of();
  private List<IpPrefix> unused = List.of();
  private Optional<ObjectNode> given = Optional.empty();

  /**
   * @param withPodCidrs whether the pod CIDRs are not the operator's to write
   */
  OwnNode(boolean withPodCidrs) {
    this.withPodCidrs = withPodCidrs;
  }

  synchronized void publish(Node node) {
    desired = Optional.of(node);
  }

  synchronized void request(List<PoolDemand> needed, List<IpPrefix> notUsed) {
    demands = List.copyOf(needed);
    unused = List.copyOf(notUsed);
  }

  /** The CiliumNode as it stands; only its version and the pools' CIDRs are kept. */
  synchronized void stands(JsonNode ciliumNode) {
    var kept = KubeApi.JSON.createObjectNode();
    kept.putObject("metadata")
        .set("resourceVersion", ciliumNode.path("metadata").path("resourceVersion"));
    var allocated = ciliumNode.path("spec").path("ipam").path("pools").path("allocated");
    if (allocated.isArray()) {
      kept.withObject("spec").withObject("ipam").withObject("pools").set("allocated", allocated);
    }
    given = Optional.of(kept);
  }

  /** What the core's Node says; the rest of it is not kept. */
  synchronized void kubernetes(JsonNode node) {
    var kept = KubeApi.JSON.createObjectNode();
    var metadata = kept.putObject("metadata");
    metadata.put("uid", Json.uid(node));
    var labels = metadata.putObject("labels");
    Json.labels(node).forEach(labels::put);
    kubernetes = Optional.of(kept);
  }

  /** There is no such node: a CiliumNode would have no owner. */
  synchronized void kubernetesGone() {
    kubernetes = Optional.empty();
    written = Optional.empty();
  }

  /** Somebody removed the CiliumNode. */
  synchronized void lost() {
    written = Optional.empty();
  }

  synchronized boolean isWritten() {
    return next().isEmpty();
  }

  synchronized List<IpAddress> addresses() {
    return desired
        .map(node ->
            node.addresses().stream()
                .filter(address -> address.type() == NodeAddress.Type.INTERNAL_IP)
                .map(NodeAddress::address)
                .toList())
        .orElse(List.of());
  }

  void work(KubeApi api) {
    var object = next();
    if (object.isPresent()) {
      var name = Json.name(object.get());
      var _ = api.apply(Resource.CILIUM_NODES.path(name), object.get());
      done(object.get());
    }
    var patch = toGiveBack();
    if (patch.isPresent()) {
      try {
        var _ = api.merge(Resource.CILIUM_NODES.path(name()), patch.get());
      } catch (KubeException e) {
        if (!e.isConflict()) {
          throw e; // else the operator was at work: the watch brings what it did
        }
      }
    }
  }

  private synchronized String name() {
    return desired.map(Node::name).orElseThrow();
  }

  private synchronized Optional<ObjectNode> toGiveBack() {
    return unused.isEmpty() || desired.isEmpty()
        ? Optional.empty()
        : given.flatMap(object -> CiliumNodes.giveBack(object, unused));
  }

  private synchronized Optional<ObjectNode> next() {
    if (desired.isEmpty() || kubernetes.isEmpty()) {
      return Optional.empty();
    }
    var object = CiliumNodes.write(desired.get(), kubernetes.get(), withPodCidrs, demands);
    return written.equals(Optional.of(object)) ? Optional.empty() : Optional.of(object);
  }

  private synchronized void done(ObjectNode object) {
    written = Optional.of(object);
  }
}
