// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

/** What design and users expect of a figure. */
sealed interface Budget {
  /** The figure is told, nothing is expected. */
  record None() implements Budget {}

  /** The figure, or its ratio to the baseline if there is one, is at most this. */
  record AtMost(double limit, String unit) implements Budget {}

  /** The figure, or its ratio, is at least this. */
  record AtLeast(double limit, String unit) implements Budget {}

  static Budget ratioAtMost(double limit) {
    return new AtMost(limit, "×");
  }

  static Budget ratioAtLeast(double limit) {
    return new AtLeast(limit, "×");
  }

  default boolean met(double value) {
    return switch (this) {
      case None() -> true;
      case AtMost(double limit, String _) -> value <= limit;
      case AtLeast(double limit, String _) -> value >= limit;
    };
  }

  default String text() {
    return switch (this) {
      case None() -> "";
      case AtMost(double limit, String unit) -> "≤ " + Samples.text(limit, unit);
      case AtLeast(double limit, String unit) -> "≥ " + Samples.text(limit, unit);
    };
  }
}
