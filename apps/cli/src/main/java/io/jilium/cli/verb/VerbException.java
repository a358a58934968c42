// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

/** A verb could not do its work; the message is one sentence that says why and what to do. */
public final class VerbException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public VerbException(String message) {
    super(message);
  }

  public VerbException(String message, Throwable cause) {
    super(message, cause);
  }
}
