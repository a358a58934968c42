// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Identity;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or makes the number of a set of labels. Cilium's keys say which number stands for which
 * labels and who uses it; one more key per set of labels makes the allocation a single transaction,
 * so that however many nodes ask at once, one number results. Requests may come from any thread,
 * {@link #work} is called by the store's own thread alone.
 */
final class IdentityAllocator {
  private static final Logger LOG = LoggerFactory.getLogger(IdentityAllocator.class);
  private static final int ATTEMPTS = 20;

  /** Labels in use on this node. */
  private static final class Held {
    private final Labels labels;
    private final CompletableFuture<Identity> identity = new CompletableFuture<>();
    private int users = 1;
    private boolean written;

    Held(Labels labels) {
      this.labels = labels;
    }
  }

  private final String node;
  private final IdentityIndex index;
  private final RandomGenerator random;
  private final Consumer<ClusterEvent> events;
  private final Map<String, Held> held = new HashMap<>();
  private final Queue<String> released = new ArrayDeque<>();

  IdentityAllocator(
      String node, IdentityIndex index, RandomGenerator random, Consumer<ClusterEvent> events) {
    this.node = node;
    this.index = index;
    this.random = random;
    this.events = events;
  }

  synchronized CompletableFuture<Identity> allocate(Labels labels) {
    String key = labels.identityKey();
    Held known = held.get(key);
    if (known == null) {
      known = new Held(labels);
      held.put(key, known);
      released.remove(key);
    } else {
      known.users++;
    }
    return known.identity.copy();
  }

  synchronized void release(Labels labels) {
    String key = labels.identityKey();
    Held known = held.get(key);
    if (known != null && --known.users == 0) {
      held.remove(key);
      released.add(key);
    }
  }

  synchronized boolean uses(String labelsKey) {
    return held.containsKey(labelsKey);
  }

  /** The lease is a new one: say again what is used. */
  synchronized void allLost() {
    held.values().forEach(entry -> entry.written = false);
  }

  synchronized boolean isWritten() {
    return released.isEmpty() && held.values().stream().allMatch(entry -> entry.written);
  }

  /** Does what was asked for. What fails stays. */
  void work(Etcd etcd, long lease) {
    for (Held entry : unwritten()) {
      try {
        resolve(etcd, lease, entry);
      } catch (IllegalStateException e) {
        LOG.error("{}", e.getMessage());
      }
    }
    for (String key : toRelease()) {
      etcd.delete(Layout.user(key, node));
      done(key);
    }
  }

  private synchronized List<Held> unwritten() {
    return held.values().stream().filter(entry -> !entry.written).toList();
  }

  private synchronized List<String> toRelease() {
    return new ArrayList<>(released);
  }

  private synchronized void done(String key) {
    released.remove(key);
  }

  private void resolve(Etcd etcd, long lease, Held entry) {
    String key = entry.labels.identityKey();
    Optional<Integer> candidate = entry.identity.isDone() ? before(entry) : index.idOf(key);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (candidate.isPresent() && use(etcd, lease, key, candidate.get())) {
        settle(entry, candidate.get());
        return;
      }
      // Labels that nobody has heard of are most likely new: made at once, read only if that fails.
      boolean unheard = attempt == 0 && candidate.isEmpty();
      Optional<Integer> recorded = unheard ? Optional.empty() : recorded(etcd, key);
      if (recorded.isPresent()) {
        candidate = recorded;
        continue;
      }
      // Neither key stands: the number that the labels had here is the best one to take.
      Optional<Integer> free = candidate.or(() -> index.free(random));
      if (free.isEmpty()) {
        refuse(key, entry);
        return;
      }
      if (make(etcd, lease, key, free.get())) {
        settle(entry, free.get());
        return;
      }
      candidate = Optional.empty();
    }
    throw new IllegalStateException(
        "no number could be agreed on for labels " + key + " in " + ATTEMPTS + " attempts");
  }

  private static Optional<Integer> before(Held entry) {
    return Optional.of(entry.identity.join().id().value());
  }

  /** What the labels' own key says; removed when the number stands for other labels. */
  private static Optional<Integer> recorded(Etcd etcd, String key) {
    Optional<KeyValue> record = etcd.get(Layout.number(key));
    if (record.isEmpty()) {
      return Optional.empty();
    }
    int id = Integer.parseInt(record.get().value());
    Optional<KeyValue> identity =
        etcd.get(Layout.identity(id)).filter(kv -> !kv.value().equals(key));
    if (identity.isEmpty()) {
      return Optional.of(id);
    }
    LOG.warn(
        "identity {} was overwritten with {}: {} get another", id, identity.get().value(), key);
    etcd.commit(
        List.of(
            new Condition.UnchangedSince(identity.get().key(), identity.get().modRevision()),
            new Condition.UnchangedSince(record.get().key(), record.get().modRevision())),
        List.of(new Write.Delete(record.get().key())));
    return Optional.empty();
  }

  /**
   * Says that this node uses the number, in whatever state it is, as long as it stands for these
   * labels.
   */
  private boolean use(Etcd etcd, long lease, String key, int id) {
    String number = Integer.toString(id);
    var user = new Write.Put(Layout.user(key, node), number, lease);
    var identity = new Write.Put(Layout.identity(id), key, 0);
    var record = new Write.Put(Layout.number(key), number, 0);
    var standsFor = new Condition.ValueIs(Layout.identity(id), key);
    var recorded = new Condition.ValueIs(Layout.number(key), number);
    var notMade = new Condition.Absent(Layout.identity(id));
    return etcd.commit(List.of(standsFor, recorded), List.of(user))
        // Made by Cilium, which does not write our record.
        || etcd.commit(
            List.of(standsFor, new Condition.Absent(Layout.number(key))), List.of(record, user))
        // Somebody deleted one of both keys by hand.
        || etcd.commit(List.of(notMade, recorded), List.of(identity, user));
  }

  private boolean make(Etcd etcd, long lease, String key, int id) {
    String number = Integer.toString(id);
    boolean made =
        etcd.commit(
            List.of(
                new Condition.Absent(Layout.identity(id)),
                new Condition.Absent(Layout.number(key))),
            List.of(
                new Write.Put(Layout.identity(id), key, 0),
                new Write.Put(Layout.number(key), number, 0),
                new Write.Put(Layout.user(key, node), number, lease)));
    if (made) {
      index.put(id, key);
    }
    return made;
  }

  private void settle(Held entry, int id) {
    var identity = new Identity(new NumericIdentity(id), entry.labels);
    Optional<Identity> replaced = Optional.empty();
    synchronized (this) {
      entry.written = true;
      if (entry.identity.isDone() && !entry.identity.join().equals(identity)) {
        replaced = Optional.of(entry.identity.join());
        entry.identity.obtrudeValue(identity);
      }
    }
    replaced.ifPresent(old -> events.accept(new ClusterEvent.OwnIdentityReplaced(old, identity)));
    entry.identity.complete(identity);
  }

  private synchronized void refuse(String key, Held entry) {
    held.remove(key, entry);
    entry.identity.completeExceptionally(
        new IllegalStateException(
            "no identity is left from "
                + NumericIdentity.CLUSTER_MIN
                + " to "
                + NumericIdentity.CLUSTER_MAX
                + ": "
                + index.size()
                + " are in use, none for labels "
                + key));
  }
}
