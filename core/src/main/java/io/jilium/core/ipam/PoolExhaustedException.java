// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

/** A pool has nothing left; the message names it and its size. */
public final class PoolExhaustedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PoolExhaustedException(String message) {
    super(message);
  }
}
