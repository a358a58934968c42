// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The lab's background processes. Each is known by a pid file that also holds its start time, so
 * that a reused pid is never signalled.
 */
final class Processes {
  private final Path directory;

  Processes(LabName name) {
    this.directory = name.directory().resolve("processes");
  }

  Path log(String name) {
    return directory.resolve(name + ".log");
  }

  /**
   * Starts a process that outlives this one; its output goes to {@link #log}. Call it in the wanted
   * namespace.
   */
  void start(String name, List<String> command) {
    if (find(name).isPresent()) {
      return;
    }
    try {
      Files.createDirectories(directory);
      // setsid: a Ctrl-C at the terminal ends the command, not the lab.
      var line = new ArrayList<String>(List.of("setsid"));
      line.addAll(command);
      var process =
          new ProcessBuilder(line)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()))
              .start();
      Files.writeString(pidFile(name), process.pid() + " " + startTicks(process.pid()).orElse("0"));
    } catch (IOException e) {
      throw new LabException("starting %s failed: %s".formatted(name, e.getMessage()), e);
    }
  }

  Optional<ProcessHandle> find(String name) {
    try {
      String[] words = Files.readString(pidFile(name)).strip().split(" ", -1);
      long pid = Long.parseLong(words[0]);
      if (words.length < 2 || !startTicks(pid).equals(Optional.of(words[1]))) {
        return Optional.empty();
      }
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    } catch (NoSuchFileException | NumberFormatException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> names() {
    try (var files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".pid"))
          .map(file -> file.substring(0, file.length() - ".pid".length()))
          .sorted()
          .toList();
    } catch (NoSuchFileException absent) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a process: asks, waits, then kills. */
  void stop(String name, Duration patience) {
    find(name)
        .ifPresent(process -> {
          process.destroy();
          if (!awaitEnd(process, patience)) {
            process.destroyForcibly();
            awaitEnd(process, Duration.ofSeconds(5));
          }
        });
    forget(name);
  }

  /** As a crash: SIGKILL, at once. */
  void kill(String name) {
    find(name)
        .ifPresent(process -> {
          process.destroyForcibly();
          awaitEnd(process, Duration.ofSeconds(5));
        });
    forget(name);
  }

  /** The last lines of its log, for an error message. */
  String tail(String name, int lines) {
    try {
      var all = Files.readAllLines(log(name));
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(no log at " + log(name) + ")";
    }
  }

  private void forget(String name) {
    try {
      Files.deleteIfExists(pidFile(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path pidFile(String name) {
    return directory.resolve(name + ".pid");
  }

  private static boolean awaitEnd(ProcessHandle process, Duration patience) {
    var end = Instant.now().plus(patience);
    while (process.isAlive()) {
      if (Instant.now().isAfter(end)) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /**
   * Field 22 of proc_pid_stat(5): start time in clock ticks after boot; empty for a zombie or no
   * process.
   */
  private static Optional<String> startTicks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return fields[0].equals("Z") ? Optional.empty() : Optional.of(fields[19]);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
