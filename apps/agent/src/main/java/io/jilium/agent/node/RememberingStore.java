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
import io.jilium.core.model.PodName;
import io.jilium.core.model.PoolDemand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A store whose reports outlive the agent: one that starts while the store is away first hears what
 * its predecessor heard last. What the store does not confirm is reported as gone when the store
 * has told everything.
 */
public final class RememberingStore implements ClusterStore {
  /**
   * What the file said.
   *
   * @param unconfirmed what the store has not told yet; guarded by the journal
   */
  private record Memory(ClusterJournal journal, Set<ClusterJournal.Key> unconfirmed) {}

  private final ClusterStore store;
  private final CompletableFuture<Memory> memory;

  /** What the store reported before the file was read; guarded by itself, as is replayed. */
  private final List<List<ClusterEvent>> early = new ArrayList<>();

  private boolean replayed;
  private volatile Consumer<List<ClusterEvent>> listener = events -> {};

  /**
   * @param file where to keep the reports; its directory exists
   */
  public RememberingStore(ClusterStore store, Path file) {
    this.store = store;
    // The file of a large cluster takes a while, in which the store can begin to read as well.
    this.memory =
        CompletableFuture.supplyAsync(
            () -> read(file), task -> Thread.ofPlatform().name("journal").daemon().start(task));
  }

  private static Memory read(Path file) {
    var journal = ClusterJournal.open(file);
    return new Memory(journal, new HashSet<>(journal.objects().keySet()));
  }

  @Override
  public String sourceName() {
    return store.sourceName();
  }

  @Override
  public void start(Consumer<List<ClusterEvent>> listener) {
    this.listener = listener;
    store.start(this::reported);
    var remembered = List.copyOf(memory.join().journal().objects().values());
    if (!remembered.isEmpty()) {
      listener.accept(remembered);
    }
    synchronized (early) {
      early.forEach(this::pass);
      early.clear();
      replayed = true;
    }
  }

  /** What was remembered comes first. */
  private void reported(List<ClusterEvent> events) {
    synchronized (early) {
      if (!replayed) {
        early.add(events);
        return;
      }
    }
    pass(events);
  }

  private void pass(List<ClusterEvent> events) {
    var known = memory.join();
    var all = new ArrayList<ClusterEvent>(events.size());
    synchronized (known.journal()) {
      for (var event : events) {
        ClusterJournal.key(event).ifPresent(known.unconfirmed()::remove);
        if (event instanceof ClusterEvent.Synced(var topic)) {
          all.addAll(vanished(known, topic));
        }
        all.add(event);
      }
      known.journal().append(all);
    }
    listener.accept(all);
  }

  /** What was there before this start, and is not any more. */
  private static List<ClusterEvent> vanished(Memory known, ClusterEvent.Topic topic) {
    var keys = known.unconfirmed().stream().filter(key -> key.topic() == topic).toList();
    var events = new ArrayList<ClusterEvent>();
    for (var key : keys) {
      known.unconfirmed().remove(key);
      Optional.ofNullable(known.journal().objects().get(key))
          .ifPresent(event -> events.add(ClusterJournal.gone(event)));
    }
    return events;
  }

  @Override
  public Connectivity connectivity() {
    return store.connectivity();
  }

  @Override
  public void publishNode(Node node) {
    store.publishNode(node);
  }

  @Override
  public List<String> troubles() {
    return store.troubles();
  }

  @Override
  public void publishEndpoint(Endpoint endpoint, IpAddress host) {
    store.publishEndpoint(endpoint, host);
  }

  @Override
  public void withdrawEndpoint(int id) {
    store.withdrawEndpoint(id);
  }

  @Override
  public boolean tellsAllPods() {
    return store.tellsAllPods();
  }

  @Override
  public void lookUp(PodName pod) {
    store.lookUp(pod);
  }

  @Override
  public String poolOf(PodName pod, boolean v4) {
    return store.poolOf(pod, v4);
  }

  @Override
  public void requestPools(List<PoolDemand> demands, List<IpPrefix> unused) {
    store.requestPools(demands, unused);
  }

  /** Endpoints may have started with the number of before: they hear of another one. */
  @Override
  public CompletableFuture<Identity> allocateIdentity(Labels labels) {
    var remembered = unconfirmedIdentity(labels);
    var allocated = store.allocateIdentity(labels);
    return remembered.isEmpty()
        ? allocated
        : allocated.thenApply(now -> {
          if (!now.equals(remembered.get())) {
            listener.accept(List.of(new ClusterEvent.OwnIdentityReplaced(remembered.get(), now)));
          }
          return now;
        });
  }

  private Optional<Identity> unconfirmedIdentity(Labels labels) {
    var known = memory.join();
    synchronized (known.journal()) {
      return known.unconfirmed().stream()
          .filter(key -> key.topic() == ClusterEvent.Topic.IDENTITIES)
          .map(key -> known.journal().objects().get(key))
          .filter(event ->
              event instanceof ClusterEvent.IdentityChanged(var identity)
                  && identity.labels().equals(labels))
          .map(event -> ((ClusterEvent.IdentityChanged) event).identity())
          .findFirst();
    }
  }

  @Override
  public void releaseIdentity(Labels labels) {
    store.releaseIdentity(labels);
  }

  @Override
  public void removeLeftovers() {
    store.removeLeftovers();
  }

  @Override
  public void close() {
    store.close();
  }
}
