// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.Node;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The own node: what the agent knows of it, with the labels that the cluster gives it. */
final class OwnNode {
  private final Consumer<Node> publish;
  private Optional<Node> known = Optional.empty();
  private Map<String, String> labels = Map.of();

  OwnNode(Consumer<Node> publish) {
    this.publish = publish;
  }

  /** By the agent. */
  synchronized void known(Node node) {
    known = Optional.of(node);
    publish();
  }

  /** By the cluster; those of the agent come first. */
  synchronized void labelled(Map<String, String> now) {
    labels = Map.copyOf(now);
    publish();
  }

  private void publish() {
    known.ifPresent(node -> {
      var all = new HashMap<>(labels);
      all.putAll(node.labels());
      publish.accept(
          new Node(
              node.name(),
              node.cluster(),
              node.clusterId(),
              node.addresses(),
              node.podCidrs(),
              node.healthAddresses(),
              all,
              node.bootId()));
    });
  }
}
