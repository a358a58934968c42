// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import io.jilium.cli.verb.VerbException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times to wait, as Go writes them: {@code 90s}, {@code 5m}, {@code 1h30m}. */
public final class Patience {
  private static final Pattern TIME = Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?");

  private Patience() {}

  /** For options. */
  public static final class Converter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher match = TIME.matcher(text);
      if (text.isEmpty() || !match.matches()) {
        throw new TypeConversionException("'%s' is no time such as 90s or 5m".formatted(text));
      }
      return Duration.ofHours(number(match, 1))
          .plusMinutes(number(match, 2))
          .plusSeconds(number(match, 3));
    }

    private static long number(Matcher match, int group) {
      return match.group(group) == null ? 0 : Long.parseLong(match.group(group));
    }
  }

  /** Waits; an interrupt ends the verb. */
  public static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VerbException("interrupted", e);
    }
  }
}
