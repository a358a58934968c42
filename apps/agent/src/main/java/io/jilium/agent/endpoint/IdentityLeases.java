// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Which endpoint holds the identity of which labels, so that each is released exactly once. */
final class IdentityLeases {
  private record Lease(Labels labels, CompletableFuture<NumericIdentity> identity) {}

  private final PodIdentities identities;
  private final Map<Integer, Lease> leases = new HashMap<>();

  IdentityLeases(PodIdentities identities) {
    this.identities = identities;
  }

  /** Holds the identity of these labels for the endpoint, instead of what it held before. */
  CompletableFuture<NumericIdentity> hold(int endpointId, Labels labels) {
    synchronized (leases) {
      var before = leases.get(endpointId);
      if (before != null
          && before.labels.equals(labels)
          && !before.identity.isCompletedExceptionally()) {
        return before.identity;
      }
      var lease = new Lease(labels, identities.acquire(labels));
      leases.put(endpointId, lease);
      if (before != null) {
        identities.release(before.labels);
      }
      return lease.identity;
    }
  }

  void drop(int endpointId) {
    synchronized (leases) {
      var lease = leases.remove(endpointId);
      if (lease != null) {
        identities.release(lease.labels);
      }
    }
  }
}
