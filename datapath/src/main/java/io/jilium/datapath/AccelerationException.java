// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/** A device cannot have our program of XDP: one sentence that names it, and says what to do. */
public final class AccelerationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AccelerationException(String sentence) {
    super(sentence);
  }

  AccelerationException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
