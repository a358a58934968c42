// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

/** A figure could not be measured; the message says why in one sentence. */
final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BenchException(String message) {
    super(message);
  }

  BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
