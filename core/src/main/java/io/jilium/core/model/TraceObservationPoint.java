// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** Where a packet was seen; the ordinal is the number in a trace event. */
public enum TraceObservationPoint {
  TO_ENDPOINT("to-endpoint"),
  TO_PROXY("to-proxy"),
  TO_HOST("to-host"),
  TO_STACK("to-stack"),
  TO_OVERLAY("to-overlay"),
  FROM_ENDPOINT("from-endpoint"),
  FROM_PROXY("from-proxy"),
  FROM_HOST("from-host"),
  FROM_STACK("from-stack"),
  FROM_OVERLAY("from-overlay"),
  FROM_NETWORK("from-network"),
  TO_NETWORK("to-network"),
  FROM_CRYPTO("from-crypto"),
  TO_CRYPTO("to-crypto");

  private static final TraceObservationPoint[] BY_NUMBER = values();

  private final String text;

  TraceObservationPoint(String text) {
    this.text = text;
  }

  /** The point with this number. */
  public static Optional<TraceObservationPoint> of(int number) {
    return number >= 0 && number < BY_NUMBER.length
        ? Optional.of(BY_NUMBER[number])
        : Optional.empty();
  }

  /** The number in a trace event. */
  public int number() {
    return ordinal();
  }

  /** What people read. */
  public String text() {
    return text;
  }
}
