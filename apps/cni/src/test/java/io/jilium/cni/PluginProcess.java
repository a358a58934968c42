// SPDX-License-Identifier: Apache-2.0
package io.jilium.cni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the plugin as a runtime does. */
final class PluginProcess {
  /** How it ended. */
  record Result(int exitCode, String output, Duration time) {}

  private PluginProcess() {}

  static Path binary() {
    return Path.of(System.getProperty("cni.plugin"));
  }

  static Result run(Map<String, String> environment, String input) throws IOException {
    var process = start(environment);
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It may end without reading all.
    }
    return finish(process, System.nanoTime());
  }

  static Process start(Map<String, String> environment) throws IOException {
    var builder = new ProcessBuilder(List.of(binary().toString()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  static Result finish(Process process, long start) throws IOException {
    try {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("the plugin hangs");
      }
      return new Result(process.exitValue(), output, Duration.ofNanos(System.nanoTime() - start));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
