// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

/** How an action ended. */
sealed interface Outcome {
  Outcome PASSED = new Passed();

  /** As it shall be. */
  record Passed() implements Outcome {}

  /**
   * Not as it shall be.
   *
   * @param reason one sentence
   */
  record Failed(String reason) implements Outcome {}

  /** Could not be tried. */
  record Skipped(String reason) implements Outcome {}
}
