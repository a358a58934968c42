// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Identity;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or makes the number of a set of labels. The API server refuses a name that is taken, so a
 * number never gets two meanings; labels may get two numbers when two nodes are at work at once,
 * and then every node uses the lowest, and nobody the other, which the operator collects.
 *
 * <p>Requests and news may come from any thread, {@link #work} is called by one thread alone.
 */
final class IdentityAllocator {
  private static final Logger LOG = LoggerFactory.getLogger(IdentityAllocator.class);
  private static final int ATTEMPTS = 50;

  /** Labels in use on this node. */
  private static final class Held {
    private final Labels labels;
    private final CompletableFuture<Identity> identity = new CompletableFuture<>();
    private int users = 1;
    private boolean settled;

    Held(Labels labels) {
      this.labels = labels;
    }

    Optional<Integer> number() {
      return identity.isDone() ? Optional.of(identity.join().id().value()) : Optional.empty();
    }
  }

  private final KubeApi api;
  private final IdentityIndex index;
  private final Consumer<ClusterEvent> events;
  private final Runnable wake;
  private final Map<Labels, Held> held = new HashMap<>();
  private boolean synced;

  IdentityAllocator(
      KubeApi api, IdentityIndex index, Consumer<ClusterEvent> events, Runnable wake) {
    this.api = api;
    this.index = index;
    this.events = events;
    this.wake = wake;
  }

  synchronized CompletableFuture<Identity> allocate(Labels labels) {
    var known = held.get(labels);
    if (known == null) {
      known = new Held(labels);
      held.put(labels, known);
      wake.run();
    } else {
      known.users++;
    }
    return known.identity.copy();
  }

  synchronized void release(Labels labels) {
    var known = held.get(labels);
    if (known != null && --known.users == 0) {
      held.remove(labels);
    }
  }

  /** The watch tells of a number. */
  synchronized void seen(int id, Labels labels) {
    index.put(id, labels);
    doubt(labels);
  }

  /** The watch tells that a number is gone; one in use here is made again. */
  synchronized void gone(int id) {
    index.remove(id).ifPresent(this::doubt);
  }

  /** All identities that existed at the start are known: before, one might be made twice. */
  synchronized void synced() {
    synced = true;
    wake.run();
  }

  private void doubt(Labels labels) {
    var known = held.get(labels);
    if (known != null && known.settled && !index.lowest(labels).equals(known.number())) {
      known.settled = false;
      wake.run();
    }
  }

  synchronized boolean isWritten() {
    return held.values().stream().allMatch(entry -> entry.settled);
  }

  /** Does what was asked for. What fails stays. */
  void work() {
    for (var entry : unsettled()) {
      resolve(entry);
    }
  }

  private synchronized List<Held> unsettled() {
    return synced ? held.values().stream().filter(entry -> !entry.settled).toList() : List.of();
  }

  private void resolve(Held entry) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var known = index.lowest(entry.labels);
      if (known.isPresent()) {
        settle(entry, known.get());
        return;
      }
      // A number that vanished while in use is the best one to take again.
      var number = attempt == 0 ? entry.number() : Optional.<Integer>empty();
      var free = number.or(() -> index.free(entry.labels));
      if (free.isEmpty()) {
        refuse(entry);
        return;
      }
      make(free.get(), entry.labels);
    }
    LOG.error("no number could be had for {} in {} attempts", entry.labels, ATTEMPTS);
  }

  /** Makes the number, or learns what it stands for. */
  private void make(int id, Labels labels) {
    var number = new NumericIdentity(id);
    try {
      var _ = api.create(Resource.CILIUM_IDENTITIES.path(), CiliumIdentities.write(number, labels));
      index.put(id, labels);
    } catch (KubeException e) {
      if (!e.isAlreadyThere()) {
        throw e;
      }
      learn(id);
    }
  }

  private void learn(int id) {
    try {
      var object = api.get(Resource.CILIUM_IDENTITIES.path(Integer.toString(id)));
      index.put(id, CiliumIdentities.labels(object));
    } catch (KubeException e) {
      if (!e.isNotFound()) {
        throw e; // else it was removed meanwhile, and may be made
      }
    }
  }

  private void settle(Held entry, int id) {
    var identity = new Identity(new NumericIdentity(id), entry.labels);
    Optional<Identity> replaced = Optional.empty();
    synchronized (this) {
      entry.settled = true;
      if (entry.identity.isDone() && !entry.identity.join().equals(identity)) {
        replaced = Optional.of(entry.identity.join());
        entry.identity.obtrudeValue(identity);
      }
    }
    replaced.ifPresent(old -> {
      LOG.info("{} are identity {} now, not {}", identity.labels(), id, old.id());
      events.accept(new ClusterEvent.OwnIdentityReplaced(old, identity));
    });
    entry.identity.complete(identity);
  }

  private synchronized void refuse(Held entry) {
    held.remove(entry.labels, entry);
    entry.identity.completeExceptionally(
        new IllegalStateException(
            "no identity is left from "
                + NumericIdentity.CLUSTER_MIN
                + " to "
                + NumericIdentity.CLUSTER_MAX
                + ": "
                + index.size()
                + " are in use, none for labels "
                + entry.labels));
  }
}
