// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A verb failed; the runtime gets the code of the CNI specification and one sentence. */
final class CniException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Error codes of the specification, section 5, and one of our own. */
  enum Code {
    INCOMPATIBLE_VERSION(1),
    UNSUPPORTED_FIELD(2),
    UNKNOWN_CONTAINER(3),
    INVALID_ENVIRONMENT(4),
    IO(5),
    DECODING(6),
    INVALID_CONFIG(7),
    INVALID_NETNS(8),
    TRY_AGAIN_LATER(11),
    NOT_AVAILABLE(50),
    INTERNAL(999),
    /** CHECK found that the attachment is not as ADD left it. */
    DAMAGED(100);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  private final Code code;
  private final String details;

  CniException(Code code, String message) {
    this(code, message, "");
  }

  CniException(Code code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  Code code() {
    return code;
  }

  ObjectNode toJson(CniVersion version) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("cniVersion", version.text());
    json.put("code", code.number());
    json.put("msg", String.valueOf(getMessage()));
    if (!details.isEmpty()) {
      json.put("details", details);
    }
    return json;
  }
}
