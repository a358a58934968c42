// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import java.util.List;
import java.util.regex.Pattern;

/** What a process said before it ended. */
final class LastWords {
  private static final Pattern TELLING =
      Pattern.compile("\\b(error|severe|fatal|exception|refused)\\b", Pattern.CASE_INSENSITIVE);
  private static final int LIMIT = 300;

  private LastWords() {}

  /** The last line of a log that tells of an error, else its last line; empty for an empty log. */
  static String of(String log) {
    List<String> lines = log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (lines.isEmpty()) {
      return "";
    }
    String line =
        lines.reversed().stream()
            .filter(l -> !l.startsWith("at ") && TELLING.matcher(l).find())
            .findFirst()
            .orElse(lines.getLast());
    return line.length() > LIMIT ? line.substring(0, LIMIT) + "…" : line;
  }
}
