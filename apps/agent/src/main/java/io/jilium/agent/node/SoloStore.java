// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Node;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import io.jilium.core.settings.Settings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A cluster of one node without a store: the first range of each pool is its own, and identities
 * are numbered in order.
 */
public final class SoloStore implements ClusterStore {
  private final List<IpPrefix> podCidrs;
  private final Instant started = Instant.now();
  private final Map<Labels, Identity> identities = new HashMap<>();
  private int next = NumericIdentity.CLUSTER_MIN;

  public SoloStore(Settings settings) {
    var cidrs = new ArrayList<IpPrefix>();
    if (settings.families().v4()) {
      cidrs.add(first(settings.ipam().v4()));
    }
    if (settings.families().v6()) {
      cidrs.add(first(settings.ipam().v6()));
    }
    this.podCidrs = List.copyOf(cidrs);
  }

  private static IpPrefix first(Settings.Pool pool) {
    return IpPrefix.of(pool.cidrs().getFirst().address(), pool.maskSize());
  }

  @Override
  public String sourceName() {
    return "local";
  }

  @Override
  public void start(Consumer<List<ClusterEvent>> listener) {
    var events = new ArrayList<ClusterEvent>();
    events.add(new ClusterEvent.PodCidrsAssigned(podCidrs, ""));
    for (var topic : ClusterEvent.Topic.values()) {
      events.add(new ClusterEvent.Synced(topic));
    }
    listener.accept(events);
  }

  @Override
  public Connectivity connectivity() {
    return new Connectivity.Connected(started, "no store, one node");
  }

  @Override
  public void publishNode(Node node) {}

  @Override
  public List<String> troubles() {
    return List.of();
  }

  @Override
  public void publishEndpoint(Endpoint endpoint, IpAddress host) {}

  @Override
  public void withdrawEndpoint(int id) {}

  @Override
  public void lookUp(PodName pod) {}

  @Override
  public synchronized CompletableFuture<Identity> allocateIdentity(Labels labels) {
    var identity =
        identities.computeIfAbsent(labels, l -> new Identity(new NumericIdentity(next++), l));
    return CompletableFuture.completedFuture(identity);
  }

  @Override
  public void releaseIdentity(Labels labels) {}

  @Override
  public void removeLeftovers() {}

  @Override
  public void close() {}
}
