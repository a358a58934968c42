// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice.Conditions;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the conditions and the weight of an endpoint mean for connections; the better one comes
 * first.
 */
public enum BackendState {
  /** Gets new connections. */
  ACTIVE(0, "active"),
  /** Keeps its connections, and gets new ones while there is no active one. */
  TERMINATING(1, "terminating"),
  /** Keeps its connections; its weight is 0. */
  MAINTENANCE(3, "maintenance"),
  /** Keeps its connections. */
  TERMINATING_NOT_SERVING(4, "terminating-not-serving"),
  /** Keeps its connections. */
  NOT_READY(5, "not-ready");

  private final int number;
  private final String text;

  BackendState(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The state with this number. */
  public static Optional<BackendState> of(int number) {
    return Arrays.stream(values()).filter(state -> state.number == number).findFirst();
  }

  /** Whether connectionless flows to it may go on. */
  public boolean keepsFlows() {
    return this == ACTIVE || this == TERMINATING || this == MAINTENANCE;
  }

  /** The number in the kernel's tables; Cilium's where it has the state. */
  public int number() {
    return number;
  }

  /** From what an endpoint slice says. */
  public static BackendState of(Conditions conditions, int weight) {
    if (!conditions.ready() && !conditions.terminating()) {
      return NOT_READY;
    }
    if (!conditions.ready() && !conditions.serving()) {
      return TERMINATING_NOT_SERVING;
    }
    if (weight == 0) {
      return MAINTENANCE;
    }
    return conditions.ready() ? ACTIVE : TERMINATING;
  }

  /** What people read; Cilium's words. */
  public String text() {
    return text;
  }
}
