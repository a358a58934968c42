// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.EndpointState;
import io.jilium.core.model.Labels;
import io.jilium.core.model.PodName;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The identity labels of pods: at ADD, which may be faster than the watch, and when they change
 * later.
 */
final class PodLabels {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final EndpointTable table;
  private final PodIdentities identities;
  private final Regeneration regeneration;
  private final ExecutorService background;
  private final Map<PodName, CompletableFuture<Boolean>> awaited = new ConcurrentHashMap<>();

  PodLabels(
      EndpointTable table,
      PodIdentities identities,
      Regeneration regeneration,
      ExecutorService background) {
    this.table = table;
    this.identities = identities;
    this.regeneration = regeneration;
    this.background = background;
  }

  /** Those that the source knows, else after a short wait those of the namespace alone. */
  Labels of(PodName pod) {
    if (pod.isNone()) {
      return identities.labelsWithoutPod(pod.namespace());
    }
    var known = identities.labels(pod);
    if (known.isEmpty() && identities.trouble().isEmpty()) {
      var news = awaited.computeIfAbsent(pod, _ -> new CompletableFuture<>());
      known = identities.labels(pod); // it may have come before we said that we wait
      if (known.isEmpty()) {
        identities.lookUp(pod);
        await(news);
        known = identities.labels(pod);
      }
    }
    return known.orElseGet(() -> identities.labelsWithoutPod(pod.namespace()));
  }

  /** Nobody waits for the pod any longer; what came during ADD is looked at again. */
  void settled(PodName pod) {
    if (!pod.isNone()) {
      awaited.remove(pod);
      podChanged(pod);
    }
  }

  void podChanged(PodName pod) {
    var waiting = awaited.remove(pod);
    if (waiting != null) {
      waiting.complete(true);
    }
    try {
      background.execute(() -> table.ofPod(pod).forEach(this::compare));
    } catch (RejectedExecutionException _) {
      return; // stopping
    }
  }

  /** Looks at all pods: what failed is tried again. */
  void retry() {
    table.entries().forEach(this::compare);
  }

  private void compare(Entry entry) {
    var endpoint = entry.endpoint();
    boolean settled =
        endpoint.state() == EndpointState.READY || endpoint.state() == EndpointState.NOT_READY;
    if (settled && !endpoint.pod().isNone()) {
      identities
          .labels(endpoint.pod())
          .filter(labels -> !labels.equals(endpoint.labels()))
          .ifPresent(labels -> regeneration.relabel(entry, labels));
    }
  }

  private static void await(CompletableFuture<Boolean> news) {
    try {
      var _ = news.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      return; // the labels come later, by podChanged
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
