// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Map;

/** Something changed in the cluster, as an agent sees it. */
public sealed interface ClusterEvent {
  /** The lists of objects that are watched. */
  enum Topic {
    NODES,
    IDENTITIES,
    ADDRESSES,
    PODS,
    NAMESPACES,
    SERVICES,
    ENDPOINT_SLICES,
    NETWORK_POLICIES,
    CLUSTER_NETWORK_POLICIES,
    CILIUM_NETWORK_POLICIES,
    CILIUM_CLUSTERWIDE_NETWORK_POLICIES,
    CIDR_GROUPS
  }

  /** A node is new or changed; the own one is reported too. */
  record NodeChanged(Node node) implements ClusterEvent {}

  /** A node is gone. */
  record NodeGone(String cluster, String name) implements ClusterEvent {}

  /** An identity is known. */
  record IdentityChanged(Identity identity) implements ClusterEvent {}

  /** An identity is no longer used by anybody. */
  record IdentityGone(NumericIdentity id) implements ClusterEvent {}

  /**
   * While the own node was away for longer than its lease, the number of labels in use here was
   * given up by everybody else; the labels have another number now.
   */
  record OwnIdentityReplaced(Identity before, Identity now) implements ClusterEvent {}

  /** An address is new or changed. */
  record AddressChanged(IpMapping mapping) implements ClusterEvent {}

  /** An address is gone. */
  record AddressGone(IpAddress address) implements ClusterEvent {}

  /** A pod of the own node is new or changed. */
  record PodChanged(Pod pod) implements ClusterEvent {}

  /** A pod of the own node is gone. */
  record PodGone(PodName pod) implements ClusterEvent {}

  /** A namespace is new or changed. */
  record NamespaceChanged(Namespace namespace) implements ClusterEvent {}

  /** A namespace is gone. */
  record NamespaceGone(String name) implements ClusterEvent {}

  /** A service is new or changed. */
  record ServiceChanged(Service service) implements ClusterEvent {}

  /** A service is gone. */
  record ServiceGone(ServiceName service) implements ClusterEvent {}

  /** An endpoint slice is new or changed. */
  record EndpointSliceChanged(EndpointSlice slice) implements ClusterEvent {}

  /** An endpoint slice is gone. */
  record EndpointSliceGone(ServiceName slice) implements ClusterEvent {}

  /** A policy, or what policies refer to, is new or changed. */
  record PolicyChanged(PolicyObject policy) implements ClusterEvent {}

  /** A policy, or what policies refer to, is gone. */
  record PolicyGone(PolicyObject.Id policy) implements ClusterEvent {}

  /**
   * The pod CIDRs that the operator gave to the own node.
   *
   * @param error why there are none or too few; empty when all is well
   */
  record PodCidrsAssigned(List<IpPrefix> podCidrs, String error) implements ClusterEvent {
    /** Copies. */
    public PodCidrsAssigned {
      podCidrs = List.copyOf(podCidrs);
    }
  }

  /**
   * The CIDRs of the pools that the operator gave to the own node ({@code ipam.mode=multi-pool}).
   *
   * @param pools by name
   * @param error why there are none or too few; empty when all is well
   */
  record PoolsAssigned(Map<String, List<PodCidr>> pools, String error) implements ClusterEvent {
    /** Copies. */
    public PoolsAssigned {
      pools = Map.copyOf(pools);
    }
  }

  /**
   * Every object of the topic that existed at the start has been reported. Comes once per topic.
   */
  record Synced(Topic topic) implements ClusterEvent {}

  /** The store went away or came back. */
  record ConnectivityChanged(Connectivity connectivity) implements ClusterEvent {}
}
