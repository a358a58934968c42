// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Points in time as people read them. */
public final class Ago {
  private static final long NANOS = 1_000_000_000L;

  private Ago() {}

  /** {@code 25m33s ago}, or never for 0. */
  public static String text(long unixNanos, long nowUnixNanos) {
    return unixNanos == 0
        ? "never"
        : duration(Duration.ofNanos(Math.max(0, nowUnixNanos - unixNanos))) + " ago";
  }

  /** Whole seconds as Go writes them: {@code 1h2m3s}. */
  public static String duration(Duration duration) {
    var text = new StringBuilder();
    long hours = duration.toHours();
    if (hours > 0) {
      text.append(hours).append('h');
    }
    if (duration.toMinutes() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    return text.append(duration.toSecondsPart()).append('s').toString();
  }

  /** A latency with the unit that suits it: {@code 431.2µs}, {@code 12.3ms}. */
  public static String latency(long nanos) {
    if (nanos < 1_000_000) {
      return String.format(Locale.ROOT, "%.1fµs", nanos / 1e3);
    }
    return nanos < NANOS
        ? String.format(Locale.ROOT, "%.1fms", nanos / 1e6)
        : String.format(Locale.ROOT, "%.2fs", nanos / 1e9);
  }

  /** RFC 3339 in UTC to the second, or the empty string for 0. */
  public static String timestamp(long unixNanos) {
    return unixNanos == 0
        ? ""
        : DateTimeFormatter.ISO_INSTANT
            .withZone(ZoneOffset.UTC)
            .format(Instant.ofEpochSecond(Math.floorDiv(unixNanos, NANOS)));
  }
}
