// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** What conntrack knew of a packet's flow; numbered as in a trace event. */
public enum TraceState {
  NEW(0, "new"),
  ESTABLISHED(1, "established"),
  REPLY(2, "reply"),
  RELATED(3, "related"),
  RESERVED(4, "reserved"),
  UNKNOWN(5, "unknown");

  private static final TraceState[] BY_NUMBER = values();

  private final int number;
  private final String text;

  TraceState(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The state with this number. */
  public static Optional<TraceState> of(int number) {
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
