// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.ipcache.ClaimRules;
import io.jilium.agent.ipcache.IpcacheTable;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.Node;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PoolDemand;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Turns what the store reports into rows of the tables and claims of the ipcache. Belongs to the
 * control thread.
 */
public final class ClusterFeed {
  private final Tables tables;
  private final IpcacheTable ipcache;
  private final ClaimRules rules;
  private final String self;
  private final LocalNode node;
  private final Set<ClusterEvent.Topic> synced = ConcurrentHashMap.newKeySet();
  private Consumer<ClusterEvent> services = _ -> {};
  private volatile Connectivity connectivity;

  /** Of the node itself the agent knows more than the store does. */
  public ClusterFeed(LocalNode.Parts parts, LocalNode node, Connectivity connectivity) {
    this.tables = parts.tables();
    this.ipcache = node.ipcache();
    this.rules = parts.rules();
    this.self = parts.identity().fullName();
    this.node = node;
    this.connectivity = connectivity;
  }

  /** Who follows services and endpoint slices, and hears when they are synced. */
  public void followServices(Consumer<ClusterEvent> follower) {
    services = follower;
  }

  public void accept(List<ClusterEvent> events) {
    events.forEach(this::accept);
  }

  /** Whether all nodes and addresses that existed when the agent started have been reported. */
  public boolean isSynced() {
    return isSynced(ClusterEvent.Topic.NODES) && isSynced(ClusterEvent.Topic.ADDRESSES);
  }

  /** Whether all of these that existed when the agent started have been reported. Any thread. */
  public boolean isSynced(ClusterEvent.Topic topic) {
    return synced.contains(topic);
  }

  /** Any thread. */
  public Connectivity connectivity() {
    return connectivity;
  }

  private void accept(ClusterEvent event) {
    switch (event) {
      case ClusterEvent.NodeChanged(Node other) -> nodeChanged(other);
      case ClusterEvent.NodeGone gone -> nodeGone(gone.cluster() + "/" + gone.name());
      case ClusterEvent.IdentityChanged(var identity) ->
          tables.identities().put(identity.id(), identity);
      case ClusterEvent.IdentityGone(var id) -> tables.identities().remove(id);
      case ClusterEvent.OwnIdentityReplaced(var before, var now) -> identityReplaced(before, now);
      case ClusterEvent.AddressChanged(IpMapping mapping) -> addressChanged(mapping);
      case ClusterEvent.AddressGone(IpAddress address) -> addressGone(address);
      case ClusterEvent.PodChanged(var pod) -> tables.pods().put(pod.id(), pod);
      case ClusterEvent.PodGone(var pod) -> tables.pods().remove(pod);
      case ClusterEvent.NamespaceChanged(var namespace) ->
          tables.namespaces().put(namespace.name(), namespace);
      case ClusterEvent.NamespaceGone(var name) -> tables.namespaces().remove(name);
      case ClusterEvent.ServiceChanged _,
          ClusterEvent.ServiceGone _,
          ClusterEvent.EndpointSliceChanged _,
          ClusterEvent.EndpointSliceGone _ ->
          services.accept(event);
      case ClusterEvent.PolicyChanged(var policy) -> tables.policies().put(policy.id(), policy);
      case ClusterEvent.PolicyGone(var policy) -> tables.policies().remove(policy);
      case ClusterEvent.PodCidrsAssigned assigned ->
          node.assign(
              Map.of(PoolDemand.DEFAULT, assigned.podCidrs().stream().map(PodCidr::of).toList()),
              assigned.error());
      case ClusterEvent.PoolsAssigned assigned -> node.assign(assigned.pools(), assigned.error());
      case ClusterEvent.Synced(var topic) -> synced(topic);
      case ClusterEvent.ConnectivityChanged(var now) -> connectivity = now;
    }
  }

  private void synced(ClusterEvent.Topic topic) {
    if (topic == ClusterEvent.Topic.SERVICES || topic == ClusterEvent.Topic.ENDPOINT_SLICES) {
      services.accept(new ClusterEvent.Synced(topic));
    }
    if (synced.add(topic) && isSynced()) {
      node.clusterSynced();
    }
  }

  /** The store came back with another number for labels of endpoints here. */
  private void identityReplaced(Identity before, Identity now) {
    tables.identities().put(now.id(), now);
    for (var endpoint : tables.endpoints().snapshot().values()) {
      if (endpoint.identity().equals(before.id())) {
        tables.endpoints().put(endpoint.id(), endpoint.withIdentity(endpoint.labels(), now.id()));
      }
    }
  }

  private void nodeChanged(Node other) {
    if (!other.fullName().equals(self)) {
      tables.nodes().put(other.fullName(), other);
      ipcache.set(ClaimRules.nodeResource(other.fullName()), rules.node(other));
    } else {
      // What the cluster says of this node, which itself does not know its labels.
      services.accept(new ClusterEvent.NodeChanged(other));
    }
  }

  private void nodeGone(String fullName) {
    if (!fullName.equals(self)) {
      tables.nodes().remove(fullName);
      ipcache.clear(ClaimRules.nodeResource(fullName));
    }
  }

  /**
   * What the store says of addresses of this node is what this node published: at best the same, at
   * worst of a former life.
   */
  private void addressChanged(IpMapping mapping) {
    tables.addresses().put(mapping.address(), mapping);
    if (node.isOwn(mapping.hostAddress())) {
      ipcache.clear(ClaimRules.mappingResource(mapping.address()));
    } else {
      ipcache.set(ClaimRules.mappingResource(mapping.address()), rules.mapping(mapping));
    }
  }

  private void addressGone(IpAddress address) {
    tables.addresses().remove(address);
    ipcache.clear(ClaimRules.mappingResource(address));
  }
}
