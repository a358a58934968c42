// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command of this machine; an immutable description that can be run any number of times. */
public final class Command {
  private final List<String> words;
  private final Map<String, String> environment;
  private final Optional<Path> directory;
  private final String input;

  private Command(
      List<String> words, Map<String, String> environment, Optional<Path> directory, String input) {
    this.words = List.copyOf(words);
    this.environment = Map.copyOf(environment);
    this.directory = directory;
    this.input = input;
  }

  public static Command of(String... words) {
    return of(List.of(words));
  }

  public static Command of(List<String> words) {
    return new Command(words, Map.of(), Optional.empty(), "");
  }

  /** The same, with more words at the end. */
  public Command with(List<String> more) {
    var all = new ArrayList<>(words);
    all.addAll(more);
    return new Command(all, environment, directory, input);
  }

  public Command environment(String name, String value) {
    var all = new HashMap<>(environment);
    all.put(name, value);
    return new Command(words, all, directory, input);
  }

  public Command in(Path directory) {
    return new Command(words, environment, Optional.of(directory), input);
  }

  /** What it reads on its standard input. */
  public Command input(String text) {
    return new Command(words, environment, directory, text);
  }

  /** What a command ended with and printed, stderr joined to stdout. */
  public record Result(int code, String output) {
    public boolean succeeded() {
      return code == 0;
    }
  }

  /** Runs it to its end, whatever that is. */
  public Result attempt() {
    try {
      var process = builder().redirectErrorStream(true).start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException _) {
        // It ended without reading; its exit code says what that means.
      }
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Runs it and returns what it printed; fails with that if the command does. */
  public String run() {
    var result = attempt();
    if (!result.succeeded()) {
      throw new KubeException(
          "%s ended with %d: %s".formatted(this, result.code(), result.output().strip()));
    }
    return result.output();
  }

  /** Starts it; its output is joined and for the caller to read. */
  public Process start() {
    try {
      return builder().redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException("start " + this, e);
    }
  }

  /** Runs it with this process's terminal; returns the exit code. */
  public int interactive() {
    try {
      return builder().inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("start " + this, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  ProcessBuilder builder() {
    var builder = new ProcessBuilder(new ArrayList<>(words));
    builder.environment().putAll(environment);
    directory.ifPresent(path -> builder.directory(path.toFile()));
    return builder;
  }

  private KubeException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new KubeException("interrupted in " + this, e);
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }
}
