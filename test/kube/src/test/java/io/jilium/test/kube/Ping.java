// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A thousand echo requests a second from one pod to another, until it is told to stop. */
final class Ping implements AutoCloseable {
  private static final Pattern COUNTS =
      Pattern.compile("(\\d+) sent in ([0-9.]+) s, (\\d+) answered");

  /** Requests a second: 1,000 less what a machine that stalls for a second or more misses. */
  private static final double LEAST_RATE = 900;

  private final Process process;

  private Ping(Process process) {
    this.process = process;
  }

  static Ping start(Pod from, Pod to) {
    return new Ping(from.command("python3", "-c", script(), to.address()).start());
  }

  /** Ends it and asserts that every packet was answered. */
  void assertNothingLost() {
    Command.of("kill", "-INT", Long.toString(process.pid())).run();
    String output = output();
    var counts = COUNTS.matcher(output);
    assertThat(counts.find()).as(output).isTrue();
    int sent = Integer.parseInt(counts.group(1));
    assertThat(counts.group(3)).as(output).isEqualTo(counts.group(1));
    double rate = sent / Double.parseDouble(counts.group(2));
    System.out.printf("ping: %s, %.0f a second%n", output.strip(), rate);
    assertThat(rate).as(output).isGreaterThan(LEAST_RATE);
  }

  private String output() {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String script() {
    try (var in = Ping.class.getResourceAsStream("echo.py")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
