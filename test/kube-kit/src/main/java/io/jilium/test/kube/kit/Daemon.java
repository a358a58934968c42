// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A program in the background that outlives this process. It is known by a file {@code NAME.pid}
 * with its process id and its start time, so that another process with the same id is left alone;
 * its output goes to {@code NAME.log}.
 */
final class Daemon {
  private final Path directory;
  private final String name;

  Daemon(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  String name() {
    return name;
  }

  Path log() {
    return directory.resolve(name + ".log");
  }

  /** Starts it unless it runs; setsid keeps it from the terminal's signals. */
  void start(Command command) {
    if (isRunning()) {
      return;
    }
    try {
      Files.createDirectories(directory);
      var builder = command.builder();
      builder.command().addFirst("setsid");
      var process =
          builder
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
      long pid = process.pid();
      Files.writeString(pidFile(), pid + " " + startTime(pid).orElse("ended"));
    } catch (IOException e) {
      throw new UncheckedIOException("start " + name, e);
    }
  }

  boolean isRunning() {
    return find().isPresent();
  }

  /** The process, while it runs. */
  Optional<ProcessHandle> find() {
    try {
      List<String> words = List.of(Files.readString(pidFile()).strip().split(" ", -1));
      long pid = Long.parseLong(words.getFirst());
      return startTime(pid).filter(words.getLast()::equals).flatMap(_ -> ProcessHandle.of(pid));
    } catch (NoSuchFileException | NumberFormatException neverStarted) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it to end, and kills it when it has not after so long; zero kills at once. */
  void stop(Duration patience) {
    find()
        .ifPresent(process -> {
          if (patience.isPositive()) {
            process.destroy();
            if (Waiting.holds(patience, () -> !isRunning())) {
              return;
            }
          }
          process.destroyForcibly();
          Waiting.until("the end of " + name, Duration.ofSeconds(20), () -> !isRunning());
        });
    try {
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until a question to the process is answered; fails when it ends before.
   *
   * @param what it is, for the message
   */
  void awaitAnswer(String what, Duration limit, Command question) {
    Waiting.until(what, limit, () -> !isRunning() || question.attempt().succeeded(), () -> tail(5));
    if (!isRunning()) {
      throw new KubeException(what + " ended: " + tail(5));
    }
  }

  /** The last lines of its log, for an error message. */
  String tail(int lines) {
    try {
      var all = Files.readAllLines(log());
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(no log at " + log() + ")";
    }
  }

  private Path pidFile() {
    return directory.resolve(name + ".pid");
  }

  /** Field 22 of proc_pid_stat(5), clock ticks since boot; nothing for a zombie or no process. */
  private static Optional<String> startTime(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The second field is the program's name in brackets and may hold anything.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(fields[19]).filter(_ -> !fields[0].equals("Z"));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
