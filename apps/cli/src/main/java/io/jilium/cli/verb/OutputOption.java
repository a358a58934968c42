// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** {@code -o json}. */
public final class OutputOption {
  /** What is printed. */
  public enum Format {
    text,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json (default: text)")
  private Format format = Format.text;

  public boolean json() {
    return format == Format.json;
  }

  /** Prints the value when JSON was asked for; tells whether it was. */
  public boolean printJson(PrintWriter out, Object value) {
    if (json()) {
      out.println(Json.pretty(value));
    }
    return json();
  }
}
