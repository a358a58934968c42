// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

import java.io.IOException;

/** Bytes that break the framing; the message says what they were, without a verb. */
public final class FrameException extends IOException {
  private static final long serialVersionUID = 1;

  public FrameException(String message) {
    super(message);
  }
}
