// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice.Conditions;

/** What the conditions of an endpoint mean for connections; the better one comes first. */
public enum BackendState {
  /** Gets new connections. */
  ACTIVE("active"),
  /** Keeps its connections, and gets new ones while there is no active one. */
  TERMINATING("terminating"),
  /** Keeps its connections. */
  TERMINATING_NOT_SERVING("terminating-not-serving"),
  /** Keeps its connections. */
  NOT_READY("not-ready");

  private final String text;

  BackendState(String text) {
    this.text = text;
  }

  /** From the conditions of an endpoint slice. */
  public static BackendState of(Conditions conditions) {
    if (conditions.ready()) {
      return ACTIVE;
    }
    if (!conditions.terminating()) {
      return NOT_READY;
    }
    return conditions.serving() ? TERMINATING : TERMINATING_NOT_SERVING;
  }

  /** What people read; Cilium's words. */
  public String text() {
    return text;
  }
}
