// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import io.jilium.wire.agent.Metric;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;

/** Metrics as messages. */
final class MetricValues {
  private MetricValues() {}

  static List<Metric> of(MetricSnapshots snapshots) {
    var metrics = new ArrayList<Metric>();
    for (MetricSnapshot snapshot : snapshots) {
      String name = snapshot.getMetadata().getPrometheusName();
      switch (snapshot) {
        case GaugeSnapshot gauge ->
            gauge
                .getDataPoints()
                .forEach(point -> metrics.add(metric(name, point.getLabels(), point.getValue())));
        case CounterSnapshot counter ->
            counter
                .getDataPoints()
                .forEach(point ->
                    metrics.add(metric(name + "_total", point.getLabels(), point.getValue())));
        default -> throw new AssertionError("no metric here is a " + snapshot.getClass());
      }
    }
    return metrics;
  }

  private static Metric metric(String name, Labels labels, double value) {
    var metric = Metric.newBuilder().setName(name).setValue(value);
    labels.forEach(label -> metric.putLabels(label.getName(), label.getValue()));
    return metric.build();
  }
}
