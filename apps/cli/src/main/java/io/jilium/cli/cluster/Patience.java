// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import io.jilium.cli.verb.VerbException;
import io.jilium.core.settings.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times to wait, as Go writes them: {@code 90s}, {@code 5m}, {@code 1h30m}. */
public final class Patience {
  private Patience() {}

  /** For options. */
  public static final class Converter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return Durations.read(text)
          .orElseThrow(() ->
              new TypeConversionException("'%s' is no time such as 90s or 5m".formatted(text)));
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
