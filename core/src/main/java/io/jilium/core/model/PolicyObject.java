// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/**
 * A policy, or what policies refer to, as its author wrote it: kept, not yet understood.
 *
 * @param content what of it matters, as JSON on one line: {@code spec} and {@code specs}, and of
 *     {@code metadata} the {@code labels} and the {@code uid}
 */
public record PolicyObject(Id id, String content) {
  /** What names it; the namespace is empty for kinds of the whole cluster. */
  public record Id(Kind kind, String namespace, String name) {
    @Override
    public String toString() {
      return kind.text() + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
    }
  }

  /** What can be written. */
  public enum Kind {
    NETWORK_POLICY("NetworkPolicy", ClusterEvent.Topic.NETWORK_POLICIES),
    CLUSTER_NETWORK_POLICY("ClusterNetworkPolicy", ClusterEvent.Topic.CLUSTER_NETWORK_POLICIES),
    CILIUM_NETWORK_POLICY("CiliumNetworkPolicy", ClusterEvent.Topic.CILIUM_NETWORK_POLICIES),
    CILIUM_CLUSTERWIDE_NETWORK_POLICY(
        "CiliumClusterwideNetworkPolicy", ClusterEvent.Topic.CILIUM_CLUSTERWIDE_NETWORK_POLICIES),
    CIDR_GROUP("CiliumCIDRGroup", ClusterEvent.Topic.CIDR_GROUPS);

    private final String text;
    private final ClusterEvent.Topic topic;

    Kind(String text, ClusterEvent.Topic topic) {
      this.text = text;
      this.topic = topic;
    }

    /** As manifests write it. */
    public String text() {
      return text;
    }

    /** The list of all objects of the kind. */
    public ClusterEvent.Topic topic() {
      return topic;
    }

    /** Whether it decides on traffic, rather than being named by what does. */
    public boolean isPolicy() {
      return this != CIDR_GROUP;
    }
  }
}
