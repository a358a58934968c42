// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values that somebody set earlier and that an upgrade without {@code --reuse-values} forgets. */
final class Reverted {
  private Reverted() {}

  /**
   * A line for each value that goes back to what the chart says.
   *
   * @param earlier what was set in the revision before
   * @param defaults of the chart
   * @param now what is set from now on
   */
  static List<String> lines(
      Map<String, ? extends @Nullable Object> earlier,
      Map<String, ? extends @Nullable Object> defaults,
      Map<String, ? extends @Nullable Object> now) {
    var lines = new ArrayList<String>();
    collect("", earlier, defaults, now, lines);
    return lines;
  }

  private static void collect(
      String prefix,
      Map<String, ? extends @Nullable Object> earlier,
      Map<String, ? extends @Nullable Object> defaults,
      Map<String, ? extends @Nullable Object> now,
      List<String> lines) {
    earlier.forEach((name, before) -> {
      Object other = defaults.get(name);
      if (before instanceof Map<?, ?> inner) {
        collect(prefix + name + ".", Trees.map(inner), map(other), map(now.get(name)), lines);
      } else if (!now.containsKey(name) && !Objects.equals(before, other)) {
        lines.add(
            "⚠️  %s%s goes back from %s to %s: --reuse-values keeps what was set before"
                .formatted(prefix, name, text(before), text(other)));
      }
    });
  }

  private static Map<String, @Nullable Object> map(@Nullable Object tree) {
    return tree instanceof Map<?, ?> map ? Trees.map(map) : Map.of();
  }

  private static String text(@Nullable Object value) {
    return value == null || value.equals("") ? "nothing" : value.toString();
  }
}
