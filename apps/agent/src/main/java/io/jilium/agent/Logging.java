// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** One line per record on standard error: time, level, text; a stack trace at debug level only. */
final class Logging {
  /** java.util.logging forgets loggers that nobody holds. */
  private static final Logger ROOT = Logger.getLogger("");

  /** The JDK tells of its own end, with a stack trace. */
  private static final Logger QUIET = Logger.getLogger("java.lang.Runtime");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private Logging() {}

  static void configure(String level) {
    boolean debug = level.equals("debug");
    QUIET.setLevel(Level.OFF);
    for (var handler : ROOT.getHandlers()) {
      ROOT.removeHandler(handler);
    }
    var handler = new ConsoleHandler();
    handler.setLevel(Level.ALL);
    handler.setFormatter(new Line(debug));
    ROOT.addHandler(handler);
    ROOT.setLevel(
        switch (level) {
          case "error" -> Level.SEVERE;
          case "warn" -> Level.WARNING;
          case "debug" -> Level.FINE;
          default -> Level.INFO;
        });
  }

  private static final class Line extends Formatter {
    private final boolean traces;

    Line(boolean traces) {
      this.traces = traces;
    }

    @Override
    public String format(LogRecord record) {
      var text = new StringBuilder(TIME.format(record.getInstant()));
      text.append(' ').append(name(record.getLevel())).append(' ').append(formatMessage(record));
      var thrown = record.getThrown();
      if (thrown != null) {
        text.append(": ").append(thrown);
        if (traces || record.getLevel().equals(Level.SEVERE)) {
          for (var element : thrown.getStackTrace()) {
            text.append("\n    at ").append(element);
          }
        }
      }
      return text.append('\n').toString();
    }

    private static String name(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "ERROR";
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return "WARN ";
      }
      return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }
  }
}
