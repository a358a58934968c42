// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import io.jilium.operator.kube.Rows.EndpointRow;
import io.jilium.operator.kube.Rows.PodRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods that a cluster cannot do without, its DNS above all, are Jilium's: those that came up before
 * it, and therefore have no endpoint, are removed so that they come up again.
 */
final class UnmanagedPods implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(UnmanagedPods.class);

  /** Pods of one name are removed this often at most, should that not help. */
  private static final Duration PAUSE = Duration.ofMinutes(5);

  private final Table<PodRow> pods;
  private final Table<EndpointRow> endpoints;
  private final Writer writer;
  private final OperatorMetrics metrics;
  private final Duration interval;
  private final Patience patience;
  private final Map<String, Long> restarted = new HashMap<>();

  UnmanagedPods(
      Table<PodRow> pods,
      Table<EndpointRow> endpoints,
      Writer writer,
      OperatorMetrics metrics,
      Duration interval,
      Patience patience) {
    this.pods = pods;
    this.endpoints = endpoints;
    this.writer = writer;
    this.metrics = metrics;
    this.interval = interval;
    this.patience = patience;
  }

  @Override
  public String name() {
    return "restart of unmanaged pods";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(pods, endpoints);
  }

  @Override
  public Duration period() {
    return interval;
  }

  @Override
  public void work() {
    long now = System.nanoTime(); // the time of day may jump
    restarted.values().removeIf(time -> now - time > PAUSE.toNanos());
    Set<String> ready =
        pods.values().stream()
            .filter(pod -> pod.agent() && pod.ready())
            .map(PodRow::node)
            .collect(Collectors.toSet());
    Set<String> unmanaged = new HashSet<>();
    for (PodRow pod : List.copyOf(pods.values())) {
      if (isUnmanaged(pod) && ready.contains(pod.node())) {
        unmanaged.add(pod.key());
      }
    }
    // A pod that just came up gets its endpoint a moment later.
    for (String key : patience.over(unmanaged)) {
      PodRow pod = pods.get(key);
      if (pod != null) {
        restart(pod, now);
      }
    }
    metrics.set("cilium_operator_unmanaged_pods", unmanaged.size());
  }

  private boolean isUnmanaged(PodRow pod) {
    return pod.watched()
        && !pod.hostNetwork()
        && !pod.deleting()
        && pod.phase().equals("Running")
        && !endpoints.rows().containsKey(pod.key());
  }

  private void restart(PodRow pod, long now) {
    if (restarted.putIfAbsent(pod.key(), now) != null) {
      return;
    }
    if (writer.delete(
        Resource.PODS, Resource.PODS.pathIn(pod.namespace(), pod.name()), pod.version())) {
      LOG.info("pod {} has no endpoint, and is removed so that it comes up with one", pod.key());
    } else {
      restarted.remove(pod.key());
    }
  }
}
