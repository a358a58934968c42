// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import java.io.Console;
import java.util.Optional;

/** Colours of a terminal, or none. */
public enum Paint {
  PLAIN,
  COLOURS;

  private static final String RESET = "\033[0m";

  /** Colours on a terminal whose owner did not set NO_COLOR. */
  public static Paint ofTerminal() {
    boolean wanted = System.getenv("NO_COLOR") == null;
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    return wanted && terminal ? COLOURS : PLAIN;
  }

  public String good(String text) {
    return painted("\033[32m", text);
  }

  public String doubtful(String text) {
    return painted("\033[33m", text);
  }

  public String bad(String text) {
    return painted("\033[31m", text);
  }

  public String off(String text) {
    return painted("\033[36m", text);
  }

  String frame(String text) {
    return painted("\033[35m", text);
  }

  private String painted(String colour, String text) {
    return this == PLAIN ? text : colour + text + RESET;
  }
}
