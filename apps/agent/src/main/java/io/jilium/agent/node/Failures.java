// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

/**
 * Runs steps that do not depend on each other: a failing one does not keep the others from running.
 */
final class Failures {
  private Failures() {}

  /** Throws the first failure after all have run, with the others as suppressed. */
  static void collect(Runnable... steps) {
    RuntimeException first = null;
    for (var step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
