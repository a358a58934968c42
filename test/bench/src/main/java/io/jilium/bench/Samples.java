// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.List;
import java.util.Locale;

/** What was measured in several rounds, in the order of the rounds. */
record Samples(List<Double> values, String unit) {
  Samples {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new BenchException("nothing was measured");
    }
  }

  static Samples of(double value, String unit) {
    return new Samples(List.of(value), unit);
  }

  double median() {
    return percentile(50);
  }

  /**
   * The value below which that part of the sorted values lies, without interpolation except for an
   * even median.
   */
  double percentile(int percent) {
    var sorted = values.stream().sorted().toList();
    int size = sorted.size();
    if (percent == 50 && size % 2 == 0) {
      return (sorted.get(size / 2 - 1) + sorted.get(size / 2)) / 2;
    }
    return sorted.get(Math.clamp((int) Math.ceil(size * percent / 100.0) - 1, 0, size - 1));
  }

  double min() {
    return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  double max() {
    return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }

  /**
   * The ratio of each round to the other's same round: what disturbs both in a round cancels out.
   */
  Samples over(Samples baseline) {
    var ratios = new java.util.ArrayList<Double>();
    for (int i = 0; i < values.size(); i++) {
      ratios.add(values.get(i) / baseline.values.get(i));
    }
    return new Samples(ratios, "×");
  }

  static String text(double value, String unit) {
    var number =
        value >= 1000
            ? String.format(Locale.ROOT, "%.0f", value)
            : value >= 100
                ? String.format(Locale.ROOT, "%.1f", value)
                : String.format(Locale.ROOT, "%.2f", value);
    return number + (unit.startsWith("/") || unit.equals("×") ? "" : " ") + unit;
  }
}
