// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** What conntrack knew of a packet's flow; the ordinal is the number in a trace event. */
public enum TraceState {
  NEW("new"),
  ESTABLISHED("established"),
  REPLY("reply"),
  RELATED("related"),
  RESERVED("reserved"),
  UNKNOWN("unknown");

  private static final TraceState[] BY_NUMBER = values();

  private final String text;

  TraceState(String text) {
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
    return ordinal();
  }

  /** What people read. */
  public String text() {
    return text;
  }
}
