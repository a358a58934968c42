// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Labels of pods and the numbers that stand for them. No method blocks; safe for threads. */
public interface PodIdentities {
  /** The identity labels of a pod, when the source knows the pod. */
  Optional<Labels> labels(PodName pod);

  /**
   * Whether the source knows every pod of this node, can be reached, and does not have this one.
   */
  boolean isGone(PodName pod);

  /** What the pod asks for; empty when the source does not know the pod. */
  Map<String, String> annotations(PodName pod);

  /** Asks for a pod that {@link #labels} does not know yet. */
  void lookUp(PodName pod);

  /**
   * The identity labels of a container of which only the namespace is known, or nothing at all
   * (empty text).
   */
  Labels labelsWithoutPod(String namespace);

  /**
   * Finds or makes the identity and holds it until released as often. Completes at once when this
   * node knows the labels already, even while the store is away.
   */
  CompletableFuture<NumericIdentity> acquire(Labels labels);

  void release(Labels labels);

  /** Why {@link #acquire} may take long, one sentence; empty while the store can be reached. */
  Optional<String> trouble();
}
