// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Runs a tool of the host. */
final class Command {
  private Command() {}

  /** What it printed; fails with that if the command does. */
  static String run(Path directory, String... command) {
    var result = start(directory, command);
    if (result.exitCode != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + result.output);
    }
    return result.output;
  }

  /** What it printed; nothing if it failed. */
  static Optional<String> tryRun(Path directory, String... command) {
    var result = start(directory, command);
    return result.exitCode == 0 ? Optional.of(result.output) : Optional.empty();
  }

  private record Result(int exitCode, String output) {}

  private static Result start(Path directory, String... command) {
    try {
      var process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + String.join(" ", command), e);
    }
  }
}
