// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.Node;
import java.util.List;
import java.util.Optional;

/**
 * Keeps this node's part of its CiliumNode; the operator writes the other part of the same object.
 */
final class OwnCiliumNode {
  private final String key;
  private Optional<Node> desired = Optional.empty();
  private boolean written = true;

  OwnCiliumNode(String name) {
    this.key = Layout.CILIUM_NODES + name;
  }

  String key() {
    return key;
  }

  synchronized void publish(Node node) {
    if (!desired.equals(Optional.of(node))) {
      desired = Optional.of(node);
      written = false;
    }
  }

  synchronized void lost() {
    written = desired.isEmpty();
  }

  synchronized boolean isWritten() {
    return written;
  }

  void work(Etcd etcd) {
    Optional<Node> node = unwritten();
    if (node.isEmpty()) {
      return;
    }
    while (true) {
      Optional<KeyValue> current = etcd.get(key);
      ObjectNode before = current.map(kv -> Json.parse(kv.value())).orElseGet(Json::object);
      ObjectNode after = ResourceJson.merge(before.deepCopy(), node.get());
      long revision = current.map(KeyValue::modRevision).orElse(0L);
      if (after.equals(before)
          || etcd.commit(
              List.of(new Condition.UnchangedSince(key, revision)),
              List.of(new Write.Put(key, Json.write(after), 0)))) {
        done(node.get());
        return;
      }
    }
  }

  private synchronized Optional<Node> unwritten() {
    return written ? Optional.empty() : desired;
  }

  private synchronized void done(Node node) {
    written = desired.equals(Optional.of(node));
  }
}
