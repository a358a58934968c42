// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go and Helm charts write them: {@code 1h30m}, {@code 5s}, {@code 100ms}. */
public final class Durations {
  private static final Pattern WHOLE = Pattern.compile("(\\d+(ms|h|m|s))+");
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|h|m|s)");

  private Durations() {}

  static Duration parse(String text) {
    return read(text)
        .orElseThrow(() -> new Kind.Refused("a duration such as 5s, 15m0s or 100ms is expected"));
  }

  /** Empty for what is no duration. */
  public static Optional<Duration> read(String text) {
    if (text.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    if (!WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long count = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "h" -> Duration.ofHours(count);
                case "m" -> Duration.ofMinutes(count);
                case "s" -> Duration.ofSeconds(count);
                default -> Duration.ofMillis(count);
              });
    }
    return Optional.of(sum);
  }

  static String text(Duration duration) {
    var text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutesPart() > 0 || duration.toHours() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    if (duration.toMillisPart() > 0) {
      return text.append(duration.toMillisPart() + 1000 * duration.toSecondsPart())
          .append("ms")
          .toString();
    }
    return text.append(duration.toSecondsPart()).append('s').toString();
  }
}
