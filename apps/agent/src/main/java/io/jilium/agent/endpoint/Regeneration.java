// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts endpoints that exist into the datapath anew: after a start, with another identity, after a
 * failure.
 */
final class Regeneration {
  private static final Logger LOG = LoggerFactory.getLogger(Regeneration.class);

  private final EndpointTable table;
  private final EndpointStore store;
  private final EndpointDatapath datapath;
  private final IdentityLeases leases;
  private final Executor attaching;
  private final BiConsumer<Attachment, Runnable> exclusively;

  /**
   * @param attaching runs what blocks
   * @param exclusively runs a task while no verb is at work on the attachment
   */
  Regeneration(
      EndpointTable table,
      EndpointStore store,
      EndpointPlatform platform,
      IdentityLeases leases,
      Executor attaching,
      BiConsumer<Attachment, Runnable> exclusively) {
    this.table = table;
    this.store = store;
    this.datapath = platform.datapath();
    this.leases = leases;
    this.attaching = attaching;
    this.exclusively = exclusively;
  }

  /**
   * Gives the endpoint the identity of these labels as soon as there is one; until then it keeps
   * what it has. Also takes hold of the identity for an endpoint that was restored.
   */
  void relabel(Entry entry, Labels labels) {
    int id = entry.endpoint().id();
    var _ =
        leases
            .hold(id, labels)
            .thenAcceptAsync(identity ->
                exclusively.accept(entry.attachment(), () -> relabel(id, labels, identity)))
            .exceptionally(e -> {
              LOG.warn(
                  "endpoint {}: no identity for {}: {}", id, labels.identityKey(), e.getMessage());
              return null;
            });
  }

  private void relabel(int id, Labels labels, NumericIdentity identity) {
    var entry = table.find(id);
    if (entry.isEmpty()) {
      leases.drop(id);
      return;
    }
    var endpoint = entry.get().endpoint();
    boolean same = endpoint.identity().equals(identity) && endpoint.labels().equals(labels);
    if (!same && endpoint.state() != EndpointState.DISCONNECTING) {
      LOG.info("endpoint {} changes from identity {} to {}", id, endpoint.identity(), identity);
      var changed = entry.get().with(endpoint.withIdentity(labels, identity));
      store.update(changed);
      var _ = regenerate(changed);
    }
  }

  /** Ready, or not-ready with the reason, when the future completes; it never fails. */
  CompletableFuture<Void> regenerate(Entry entry) {
    var endpoint = regenerating(entry.endpoint());
    table.put(entry.with(endpoint));
    return CompletableFuture.runAsync(() -> datapath.attach(endpoint), attaching)
        .thenCompose(_ -> datapath.put(endpoint))
        .handle((_, failure) -> {
          table.update(endpoint.id(), now -> finished(now, failure));
          table.find(endpoint.id()).map(Entry::endpoint).ifPresent(datapath::settled);
          return null;
        });
  }

  /** Says why an endpoint does not work, and keeps it until DEL. */
  void fail(Entry entry, String reason) {
    LOG.warn("endpoint {} ({}): {}", entry.endpoint().id(), entry.endpoint().pod(), reason);
    var endpoint = regenerating(entry.endpoint()).withState(EndpointState.NOT_READY);
    table.put(entry.with(endpoint, reason));
    datapath.settled(endpoint);
  }

  private static Entry finished(Entry now, @org.jspecify.annotations.Nullable Throwable failure) {
    var endpoint = now.endpoint();
    if (endpoint.state() != EndpointState.REGENERATING) {
      return now;
    }
    if (failure == null) {
      return now.with(endpoint.withState(EndpointState.READY));
    }
    var cause = failure.getCause() == null ? failure : failure.getCause();
    var reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    LOG.warn("endpoint {}: {}", endpoint.id(), reason);
    return now.with(endpoint.withState(EndpointState.NOT_READY), reason);
  }

  private static Endpoint regenerating(Endpoint endpoint) {
    return switch (endpoint.state()) {
      case REGENERATING -> endpoint;
      case RESTORING, WAITING_TO_REGENERATE -> endpoint.withState(EndpointState.REGENERATING);
      case READY, NOT_READY, WAITING_FOR_IDENTITY ->
          endpoint
              .withState(EndpointState.WAITING_TO_REGENERATE)
              .withState(EndpointState.REGENERATING);
      case DISCONNECTING, DISCONNECTED, INVALID ->
          throw new IllegalStateException(
              "endpoint " + endpoint.id() + " is " + endpoint.state().text());
    };
  }
}
