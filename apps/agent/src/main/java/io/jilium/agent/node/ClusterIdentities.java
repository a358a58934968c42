// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.endpoint.PodIdentities;
import io.jilium.agent.table.Change;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Identity;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Namespace;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.core.model.SecurityLabels;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Labels of pods as the tables know them, and the identities that stand for them as the store
 * allocates them.
 */
public final class ClusterIdentities implements PodIdentities {
  private final Tables tables;
  private final ClusterStore store;
  private final String cluster;
  private final ClusterFeed feed;
  private final Map<Labels, NumericIdentity> known = new ConcurrentHashMap<>();

  public ClusterIdentities(Tables tables, ClusterStore store, String cluster, ClusterFeed feed) {
    this.tables = tables;
    this.store = store;
    this.cluster = cluster;
    this.feed = feed;
    tables.identities().onChange(this::identityChanged);
  }

  @Override
  public Optional<Labels> labels(PodName name) {
    return tables
        .pods()
        .get(name)
        .map(pod ->
            SecurityLabels.DEFAULT.ofPod(
                pod,
                tables.namespaces().get(pod.namespace()).map(Namespace::labels).orElse(Map.of()),
                cluster));
  }

  @Override
  public boolean isGone(PodName name) {
    return store.tellsAllPods()
        && feed.isSynced(ClusterEvent.Topic.PODS)
        && feed.connectivity() instanceof Connectivity.Connected
        && tables.pods().get(name).isEmpty();
  }

  @Override
  public Map<String, String> annotations(PodName name) {
    return tables.pods().get(name).map(Pod::annotations).orElse(Map.of());
  }

  @Override
  public void lookUp(PodName pod) {
    store.lookUp(pod);
  }

  @Override
  public Labels labelsWithoutPod(String namespace) {
    if (namespace.isEmpty()) {
      return ReservedIdentity.INIT.labels();
    }
    return Labels.of(
        Label.k8s(SecurityLabels.NAMESPACE, namespace), Label.k8s(SecurityLabels.CLUSTER, cluster));
  }

  @Override
  public CompletableFuture<NumericIdentity> acquire(Labels labels) {
    if (labels.equals(ReservedIdentity.INIT.labels())) {
      return CompletableFuture.completedFuture(ReservedIdentity.INIT.id());
    }
    var allocated = store.allocateIdentity(labels).thenApply(this::remember);
    var number = known.get(labels);
    return number == null ? allocated : CompletableFuture.completedFuture(number);
  }

  @Override
  public void release(Labels labels) {
    if (!labels.equals(ReservedIdentity.INIT.labels())) {
      store.releaseIdentity(labels);
    }
  }

  @Override
  public Optional<String> trouble() {
    return switch (feed.connectivity()) {
      case Connectivity.Connected _ -> Optional.empty();
      case Connectivity.Away away ->
          Optional.of("the store is away since " + away.since() + ": " + away.error());
    };
  }

  private NumericIdentity remember(Identity identity) {
    known.put(identity.labels(), identity.id());
    return identity.id();
  }

  private void identityChanged(Change<NumericIdentity, Identity> change) {
    switch (change) {
      case Change.Add<NumericIdentity, Identity> add -> remember(add.value());
      case Change.Update<NumericIdentity, Identity> update -> remember(update.value());
      case Change.Remove<NumericIdentity, Identity> remove ->
          known.remove(remove.before().labels(), remove.key());
    }
  }
}
