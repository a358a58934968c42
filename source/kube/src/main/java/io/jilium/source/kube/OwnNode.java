// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import java.util.List;
import java.util.Optional;

/** Keeps this node's part of its CiliumNode; the operator writes the other part. Thread-safe. */
final class OwnNode {
  private final boolean withPodCidrs;
  private Optional<Node> desired = Optional.empty();
  private Optional<ObjectNode> kubernetes = Optional.empty();
  private Optional<ObjectNode> written = Optional.empty();

  /**
   * @param withPodCidrs whether the pod CIDRs are not the operator's to write
   */
  OwnNode(boolean withPodCidrs) {
    this.withPodCidrs = withPodCidrs;
  }

  synchronized void publish(Node node) {
    desired = Optional.of(node);
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
  }

  private synchronized Optional<ObjectNode> next() {
    if (desired.isEmpty() || kubernetes.isEmpty()) {
      return Optional.empty();
    }
    var object = CiliumNodes.write(desired.get(), kubernetes.get(), withPodCidrs);
    return written.equals(Optional.of(object)) ? Optional.empty() : Optional.of(object);
  }

  private synchronized void done(ObjectNode object) {
    written = Optional.of(object);
  }
}
