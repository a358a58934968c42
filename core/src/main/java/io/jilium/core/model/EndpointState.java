// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/**
 * Where an endpoint stands in its life.
 *
 * <pre>
 * from                    to
 * (new)                   waiting-for-identity, restoring
 * waiting-for-identity    ready, waiting-to-regenerate, disconnecting, invalid
 * ready                   waiting-for-identity, waiting-to-regenerate, restoring, disconnecting
 * waiting-to-regenerate   regenerating (by the builder), restoring, disconnecting
 * restoring               regenerating (by the builder), restoring, disconnecting
 * regenerating            ready (by the builder), waiting-for-identity, waiting-to-regenerate, restoring,
 *                         not-ready, disconnecting
 * not-ready               waiting-to-regenerate, disconnecting
 * disconnecting           disconnected
 * disconnected, invalid   nothing
 * </pre>
 */
public enum EndpointState {
  WAITING_FOR_IDENTITY("waiting-for-identity"),
  NOT_READY("not-ready"),
  WAITING_TO_REGENERATE("waiting-to-regenerate"),
  REGENERATING("regenerating"),
  RESTORING("restoring"),
  READY("ready"),
  DISCONNECTING("disconnecting"),
  DISCONNECTED("disconnected"),
  INVALID("invalid");

  private final String text;

  EndpointState(String text) {
    this.text = text;
  }

  /** The state with this name. */
  public static Optional<EndpointState> named(String text) {
    for (EndpointState state : values()) {
      if (state.text.equals(text)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /** Whether the table in the class comment allows the change; staying is always allowed. */
  public boolean canBecome(EndpointState next) {
    if (next == this) {
      return true;
    }
    return switch (this) {
      case WAITING_FOR_IDENTITY ->
          switch (next) {
            case READY, WAITING_TO_REGENERATE, DISCONNECTING, INVALID -> true;
            default -> false;
          };
      case READY ->
          switch (next) {
            case WAITING_FOR_IDENTITY, WAITING_TO_REGENERATE, RESTORING, DISCONNECTING -> true;
            default -> false;
          };
      case WAITING_TO_REGENERATE, RESTORING ->
          next == REGENERATING || next == RESTORING || next == DISCONNECTING;
      case REGENERATING ->
          switch (next) {
            case READY,
                WAITING_FOR_IDENTITY,
                WAITING_TO_REGENERATE,
                RESTORING,
                NOT_READY,
                DISCONNECTING ->
                true;
            default -> false;
          };
      case NOT_READY -> next == WAITING_TO_REGENERATE || next == DISCONNECTING;
      case DISCONNECTING -> next == DISCONNECTED;
      case DISCONNECTED, INVALID -> false;
    };
  }

  /** Whether an endpoint begins in this state. */
  public boolean isInitial() {
    return this == WAITING_FOR_IDENTITY || this == RESTORING;
  }

  /** What people read. */
  public String text() {
    return text;
  }
}
