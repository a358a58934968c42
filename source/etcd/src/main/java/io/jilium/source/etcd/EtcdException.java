// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

/** A request to etcd failed; the message names the operation, the key and the cause. */
public final class EtcdException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean away;

  EtcdException(String message, boolean away, Throwable cause) {
    super(message, cause);
    this.away = away;
  }

  /** Whether etcd could not be reached, so that trying again may help. */
  public boolean isAway() {
    return away;
  }

  /** Whether the lease named in the request has run out. */
  boolean isLeaseGone() {
    return getMessage() != null && getMessage().contains("requested lease not found");
  }
}
