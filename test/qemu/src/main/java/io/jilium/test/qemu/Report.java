// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * What the guest has to say, as lines on a serial port of their own: the console has the kernel's
 * messages and stack traces.
 */
final class Report {
  /** The first word of a line. */
  enum Word {
    /** Release of the kernel, seconds since it began. */
    KERNEL,
    /** Name, description, present or absent. */
    FEATURE,
    /** Name, verified instructions, bytes of machine code. */
    PROGRAM,
    /** Name. */
    START,
    /** Name, milliseconds. */
    PASS,
    /** Name, milliseconds, reason. */
    FAIL,
    /** Name, reason. */
    SKIP,
    /** Seconds since the kernel began. */
    END
  }

  /** Something that must hold. */
  interface Check {
    void run() throws Exception;
  }

  private final PrintStream out;
  private volatile long lastLine = System.nanoTime();

  Report(PrintStream out) {
    this.out = out;
  }

  synchronized void line(Word word, Object... fields) {
    var line = new StringBuilder(word.name());
    for (var field : fields) {
      line.append('\t').append(field.toString().replaceAll("\\s+", " "));
    }
    out.println(line);
    out.flush();
    lastLine = System.nanoTime();
  }

  /** How long nothing has been said. */
  Duration silence() {
    return Duration.ofNanos(System.nanoTime() - lastLine);
  }

  /** Runs a check, and goes on whatever becomes of it; false if it failed. */
  boolean check(String name, Check check) {
    long start = System.nanoTime();
    line(Word.START, name);
    try {
      check.run();
      line(Word.PASS, name, millis(start));
      return true;
    } catch (Exception | AssertionError e) {
      failed(name, millis(start), e);
      return false;
    }
  }

  void failed(String name, long millis, Throwable why) {
    line(Word.FAIL, name, millis, why);
    System.err.println(name + ":");
    why.printStackTrace();
  }

  private static long millis(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toMillis();
  }

  /** Splits a line into its word and fields; nothing if it is no line of a report. */
  static List<String> fields(String line) {
    return List.of(line.split("\t", -1));
  }
}
