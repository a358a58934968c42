// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Where endpoints take effect. Every method may be called from any thread, is idempotent and, but
 * for {@link #attach}, does not block; what comes at once is done at once (one epoch for all).
 */
public interface EndpointDatapath {
  /** Attaches the pod's program; blocks while the kernel does it. */
  void attach(Endpoint endpoint);

  /**
   * Writes the addresses of an endpoint with its program to the maps, raises the epoch and
   * publishes the addresses to the cluster. Completes when the kernel has it; publication goes on
   * behind.
   */
  CompletableFuture<Void> put(Endpoint endpoint);

  /** Tells the cluster the state that the endpoint came to. */
  void settled(Endpoint endpoint);

  /**
   * Withdraws the addresses, removes them from the maps, raises the epoch, detaches and unpins the
   * program and deletes the flows. Completes when the kernel has it, so that the addresses may be
   * given to others.
   */
  CompletableFuture<Void> remove(Endpoint endpoint);

  /**
   * Whether program and map entries are there; empty if so, else one sentence each on what is not.
   */
  List<String> verify(Endpoint endpoint);

  /** Removes the links and map entries of pods that are none of these: what a crash left behind. */
  void prune(Set<Integer> endpointIds);
}
