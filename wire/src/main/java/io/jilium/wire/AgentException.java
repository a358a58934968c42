// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

/** Why a conversation with the agent failed, as one sentence for people. */
public final class AgentException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What kind of failure; the message has the particulars. */
  public enum Kind {
    NOT_RUNNING,
    PERMISSION_DENIED,
    TIMEOUT,
    /** The connection ended before the answer did. */
    GONE,
    /** What arrived is no message of this protocol. */
    PROTOCOL,
    BAD_REQUEST,
    NOT_FOUND,
    UNAVAILABLE,
    UNSUPPORTED,
    INTERNAL
  }

  private final Kind kind;

  public AgentException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public AgentException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
