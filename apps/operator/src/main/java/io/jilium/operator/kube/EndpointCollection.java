// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import io.jilium.operator.kube.Rows.EndpointRow;
import io.jilium.operator.kube.Rows.PodRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** No CiliumEndpoint stays whose pod is gone, has ended, or is another of the same name. */
final class EndpointCollection implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointCollection.class);

  private final Table<PodRow> pods;
  private final Table<EndpointRow> endpoints;
  private final Writer writer;
  private final OperatorMetrics metrics;
  private final Patience patience;

  EndpointCollection(
      Table<PodRow> pods,
      Table<EndpointRow> endpoints,
      Writer writer,
      OperatorMetrics metrics,
      Patience patience) {
    this.pods = pods;
    this.endpoints = endpoints;
    this.writer = writer;
    this.metrics = metrics;
    this.patience = patience;
  }

  @Override
  public String name() {
    return "collection of CiliumEndpoints";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(pods, endpoints);
  }

  @Override
  public Duration period() {
    return Duration.ofSeconds(1);
  }

  @Override
  public void work() {
    Set<String> orphans = new HashSet<>();
    for (EndpointRow endpoint : endpoints.values()) {
      PodRow pod = pods.rows().get(endpoint.key());
      if (pod == null
          || pod.hasEnded()
          || (!endpoint.podUid().isEmpty() && !endpoint.podUid().equals(pod.uid()))) {
        orphans.add(endpoint.key());
      }
    }
    for (String key : patience.over(orphans)) {
      EndpointRow row = endpoints.rows().get(key);
      if (row == null) {
        continue;
      }
      boolean gone =
          writer.delete(
              Resource.CILIUM_ENDPOINTS,
              Resource.CILIUM_ENDPOINTS.pathIn(row.namespace(), row.name()),
              row.version());
      metrics.count(
          "cilium_operator_endpoint_gc_objects{outcome=\"" + (gone ? "success" : "fail") + "\"}");
      if (gone) {
        LOG.info("endpoint {} had no pod any more", key);
        endpoints.remove(key);
      }
    }
  }
}
