// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** Where a packet was seen; numbered as in a trace event. */
public enum TraceObservationPoint {
  TO_ENDPOINT(0, "to-endpoint"),
  TO_PROXY(1, "to-proxy"),
  TO_HOST(2, "to-host"),
  TO_STACK(3, "to-stack"),
  TO_OVERLAY(4, "to-overlay"),
  FROM_ENDPOINT(5, "from-endpoint"),
  FROM_PROXY(6, "from-proxy"),
  FROM_HOST(7, "from-host"),
  FROM_STACK(8, "from-stack"),
  FROM_OVERLAY(9, "from-overlay"),
  FROM_NETWORK(10, "from-network"),
  TO_NETWORK(11, "to-network"),
  FROM_CRYPTO(12, "from-crypto"),
  TO_CRYPTO(13, "to-crypto");

  private static final TraceObservationPoint[] BY_NUMBER = values();

  private final int number;
  private final String text;

  TraceObservationPoint(int number, String text) {
    this.number = number;
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
    return number;
  }

  /** What people read. */
  public String text() {
    return text;
  }
}
