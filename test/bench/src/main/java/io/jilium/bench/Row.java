// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.Optional;

/**
 * One line of the result.
 *
 * @param figure what the budget is compared with: the ratio if there is a baseline, else our own
 *     figure
 * @param spread smallest and largest of what {@code figure} sums up
 */
record Row(
    String what,
    String ours,
    String baseline,
    Optional<Double> ratio,
    String spread,
    double figure,
    Budget budget) {
  /** Ours against a baseline of the same rounds. */
  static Row compared(
      String what, Samples ours, Samples baseline, String baselineLabel, Budget budget) {
    var ratio = ours.over(baseline);
    return new Row(
        what,
        Samples.text(ours.median(), ours.unit()),
        Samples.text(baseline.median(), baseline.unit()) + " " + baselineLabel,
        Optional.of(ratio.median()),
        Samples.text(ratio.min(), "").strip() + "–" + Samples.text(ratio.max(), "×"),
        ratio.median(),
        budget);
  }

  /** A figure that stands alone: the given percentile of the samples. */
  static Row alone(String what, Samples samples, int percentile, Budget budget) {
    double figure = samples.percentile(percentile);
    var spread =
        samples.values().size() == 1
            ? ""
            : Samples.text(samples.min(), "").strip()
                + "–"
                + Samples.text(samples.max(), samples.unit());
    return new Row(
        what, Samples.text(figure, samples.unit()), "", Optional.empty(), spread, figure, budget);
  }

  boolean met() {
    return budget.met(figure);
  }

  String verdict() {
    return switch (budget) {
      case Budget.None() -> "";
      case Budget.AtMost _, Budget.AtLeast _ -> met() ? "met" : "MISSED";
    };
  }
}
