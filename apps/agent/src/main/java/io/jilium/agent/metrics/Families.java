// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/** Collects metrics while they are read out. */
final class Families {
  private final MetricSnapshots.Builder snapshots = MetricSnapshots.builder();

  /** A value that goes up and down, with no labels. */
  void gauge(String name, String help, Number value) {
    gauges(name, help).add(value).done();
  }

  /** A value that only grows, with no labels; the name without {@code _total}. */
  void counter(String name, String help, Number value) {
    counters(name, help).add(value).done();
  }

  Points gauges(String name, String help) {
    var gauge = GaugeSnapshot.builder().name(name).help(help);
    return new Points() {
      @Override
      Points add(Number value, String... labels) {
        gauge.dataPoint(
            GaugeDataPointSnapshot.builder()
                .value(value.doubleValue())
                .labels(Labels.of(labels))
                .build());
        return this;
      }

      @Override
      void done() {
        snapshots.metricSnapshot(gauge.build());
      }
    };
  }

  Points counters(String name, String help) {
    var counter = CounterSnapshot.builder().name(name).help(help);
    return new Points() {
      @Override
      Points add(Number value, String... labels) {
        counter.dataPoint(
            CounterDataPointSnapshot.builder()
                .value(value.doubleValue())
                .labels(Labels.of(labels))
                .build());
        return this;
      }

      @Override
      void done() {
        snapshots.metricSnapshot(counter.build());
      }
    };
  }

  MetricSnapshots build() {
    return snapshots.build();
  }

  /** The values of one metric. */
  abstract static class Points {
    /**
     * @param labels name, value, name, value, …
     */
    abstract Points add(Number value, String... labels);

    abstract void done();
  }
}
