// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/** The API server did not do what was asked, or did not answer. */
public final class KubeException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int GONE = 410;
  private static final int INVALID = 422;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int GATEWAY_TIMEOUT = 504;

  private final int code;
  private final String reason;
  private final transient Optional<Duration> retryAfter;

  private KubeException(
      int code, String reason, String message, Optional<Duration> retryAfter, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  /** No answer came. */
  static KubeException away(String message, Throwable cause) {
    return new KubeException(0, "", message, Optional.empty(), cause);
  }

  /** The answer was a Status object, or something unexpected of a proxy in between. */
  static KubeException refused(String request, int code, JsonNode status) {
    var details = status.path("details");
    int seconds = details.path("retryAfterSeconds").asInt(0);
    var message = status.path("message").asText("");
    return new KubeException(
        code,
        status.path("reason").asText(""),
        message.isEmpty() ? request + ": HTTP " + code : message,
        seconds > 0 ? Optional.of(Duration.ofSeconds(seconds)) : Optional.empty(),
        new Throwable(request, null, false, false) {
          private static final long serialVersionUID = 1L;
        });
  }

  /** HTTP's code, 0 when there was no answer. */
  public int code() {
    return code;
  }

  /** Whether the server could not be reached or answers with its own trouble. */
  public boolean isAway() {
    return code == 0 || (code >= 500 && !isTooLargeVersion());
  }

  /** Whether the role misses a right, or the token is not accepted. */
  public boolean isForbidden() {
    return code == FORBIDDEN || code == UNAUTHORIZED;
  }

  /** Whether the namespace is on its way out and takes nothing new. */
  public boolean isTerminating() {
    return code == FORBIDDEN && String.valueOf(getMessage()).contains("being terminated");
  }

  /** Whether the object, or the whole kind, is not there. */
  public boolean isNotFound() {
    return code == NOT_FOUND;
  }

  /** Whether an object of that name is there already. */
  public boolean isAlreadyThere() {
    return code == CONFLICT && reason.equals("AlreadyExists");
  }

  /** Whether a precondition did not hold. */
  public boolean isConflict() {
    return code == CONFLICT && !reason.equals("AlreadyExists");
  }

  /** Whether the object does not fit its schema. */
  public boolean isInvalid() {
    return code == INVALID;
  }

  /** Whether the resource version is too old, or newer than the server's data. */
  public boolean isVersionLost() {
    return code == GONE || reason.equals("Expired") || isTooLargeVersion();
  }

  /** Whether the server has too much to do. */
  public boolean isTooMany() {
    return code == TOO_MANY_REQUESTS;
  }

  /** How long the server asks to wait. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  private boolean isTooLargeVersion() {
    return code == GATEWAY_TIMEOUT && String.valueOf(getMessage()).contains("resource version");
  }
}
