// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

/**
 * The smallest parts inside an action.
 *
 * @param glued whether it follows the one before without a blank, as fields of a chain do
 */
record Token(Kind kind, String text, boolean glued, Position position) {
  /** What a token is. */
  enum Kind {
    /** Keyword, function, true, false or nil. */
    WORD,
    /** {@code .a}, one name of a chain; a single dot is the empty name. */
    FIELD,
    /** {@code $} or {@code $name}; the name without the sign. */
    VARIABLE,
    /** The content, unquoted. */
    STRING,
    NUMBER,
    /** {@code ( ) | , := =}. */
    SIGN,
    END
  }

  boolean is(Kind wanted, String wantedText) {
    return kind == wanted && text.equals(wantedText);
  }

  /** As it may stand in a message. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the action";
      case FIELD -> "." + text;
      case VARIABLE -> "$" + text;
      case STRING -> '"' + text + '"';
      default -> text;
    };
  }
}
