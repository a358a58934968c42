// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.PodName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Endpoints of before the agent's start whose pods went while it was away, and for which no DEL
 * came. Only those of before: a runtime may make sandboxes that the source knows nothing of.
 */
final class LostPods {
  private final Duration patience;
  private final Set<Integer> restored;
  private final Map<Integer, Long> since = new HashMap<>();

  /**
   * @param restored ids of the endpoints that the start found
   * @param patience how long a pod must be gone; its DEL may be on its way
   */
  LostPods(Set<Integer> restored, Duration patience) {
    this.restored = Set.copyOf(restored);
    this.patience = patience;
  }

  /**
   * Those that are to be removed now.
   *
   * @param now {@link System#nanoTime}: the time of day may jump
   */
  List<Endpoint> due(List<Endpoint> endpoints, Predicate<PodName> gone, long now) {
    var due = new ArrayList<Endpoint>();
    for (var endpoint : endpoints) {
      int id = endpoint.id();
      if (!restored.contains(id) || endpoint.pod().isNone() || !gone.test(endpoint.pod())) {
        since.remove(id);
      } else if (now - since.computeIfAbsent(id, _ -> now) >= patience.toNanos()) {
        due.add(endpoint);
      }
    }
    return due;
  }
}
