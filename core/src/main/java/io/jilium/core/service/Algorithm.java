// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.util.Arrays;
import java.util.Optional;

/** How one of several backends is chosen. */
public enum Algorithm {
  /** Any, with equal chances. */
  RANDOM("random"),
  /** By a table that every node computes alike, so that all nodes choose alike. */
  MAGLEV("maglev");

  private final String text;

  Algorithm(String text) {
    this.text = text;
  }

  /** The algorithm with this name. */
  public static Optional<Algorithm> named(String text) {
    return Arrays.stream(values()).filter(value -> value.text.equals(text)).findFirst();
  }

  /** As written in settings and annotations. */
  public String text() {
    return text;
  }
}
