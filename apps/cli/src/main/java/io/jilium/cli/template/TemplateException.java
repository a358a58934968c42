// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

/** A template cannot be read or executed; the message begins with file and line. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  TemplateException(Position position, String message) {
    super("%s:%d: %s".formatted(position.file(), position.line(), message));
  }

  TemplateException(Position position, String message, Throwable cause) {
    super("%s:%d: %s".formatted(position.file(), position.line(), message), cause);
  }
}
