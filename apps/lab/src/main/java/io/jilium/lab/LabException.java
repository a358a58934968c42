// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

/** What the user is told in one sentence when the lab can't do what was asked. */
final class LabException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LabException(String message) {
    super(message);
  }

  LabException(String message, Throwable cause) {
    super(message, cause);
  }

  /** For a cause whose own message is the sentence. */
  LabException(Throwable cause) {
    super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
  }
}
