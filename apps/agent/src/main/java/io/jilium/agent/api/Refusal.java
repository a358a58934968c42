// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.wire.agent.Error;

/** A request that cannot be granted; the message is one sentence for the client. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Error.Kind kind;

  Refusal(Error.Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  Error.Kind kind() {
    return kind;
  }
}
