// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A measuring program that runs inside a namespace, on one CPU, if wanted with real-time priority.
 */
final class Tool implements AutoCloseable {
  private static final int DEADLINE_SECONDS = 60;
  private static final int LISTEN = 0x0a;

  private final List<String> command;
  private final Process process;

  private Tool(List<String> command, Process process) {
    this.command = command;
    this.process = process;
  }

  /**
   * Starts it on a CPU before all normal processes, so that neither the scheduler nor other work
   * decides the figure.
   */
  static Tool startFirst(Netns netns, int cpu, String... command) {
    var line = new ArrayList<>(List.of("chrt", "-f", "10"));
    line.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
    line.addAll(List.of(command));
    return start(netns, line);
  }

  /** Starts it on a CPU. */
  static Tool start(Netns netns, int cpu, String... command) {
    var line = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
    line.addAll(List.of(command));
    return start(netns, line);
  }

  private static Tool start(Netns netns, List<String> command) {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    return netns.run(() -> {
      try {
        return new Tool(command, builder.start());
      } catch (IOException e) {
        throw new BenchException("cannot start " + command.getFirst(), e);
      }
    });
  }

  /** Waits until it accepts TCP connections on the port. */
  Tool awaitListening(int port) {
    var pattern = String.format(Locale.ROOT, ":%04X", port);
    for (int i = 0; i < 500; i++) {
      for (String file : List.of("tcp", "tcp6")) {
        if (listens(file, pattern)) {
          return this;
        }
      }
      pause(10);
    }
    close();
    throw new BenchException(
        "%s does not listen on port %d".formatted(String.join(" ", command), port));
  }

  private boolean listens(String file, String pattern) {
    try {
      var path = Path.of("/proc", Long.toString(process.pid()), "net", file);
      return Files.readAllLines(path).stream()
          .map(line -> line.strip().split(" +", -1))
          .anyMatch(words ->
              words.length > 3
                  && words[1].endsWith(pattern)
                  && words[3].equals(String.format(Locale.ROOT, "%02X", LISTEN)));
    } catch (IOException ended) {
      return false;
    }
  }

  /** Waits for its end and returns what it printed. */
  String output() {
    try {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new BenchException(
            "%s failed: %s".formatted(String.join(" ", command), output.strip()));
      }
      return output;
    } catch (IOException e) {
      throw new BenchException("cannot read output of " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void pause(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }
}
