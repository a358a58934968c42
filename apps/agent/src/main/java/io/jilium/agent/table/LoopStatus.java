// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

/**
 * How a reconciliation fares; times are milliseconds since 1970, 0 is never; lastError is of the
 * latest run, empty when it succeeded.
 */
public record LoopStatus(
    String name, long lastSuccess, long lastFailure, int consecutiveFailures, String lastError) {
  static LoopStatus never(String name) {
    return new LoopStatus(name, 0, 0, 0, "");
  }

  LoopStatus succeeded(long now) {
    return new LoopStatus(name, now, lastFailure, 0, "");
  }

  LoopStatus failed(long now, String message) {
    return new LoopStatus(name, lastSuccess, now, consecutiveFailures + 1, message);
  }

  public boolean healthy() {
    return consecutiveFailures == 0;
  }
}
