// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs commands inside the lab's namespaces. */
final class Execution {
  private final LabName name;
  private final LabState state;

  Execution(LabName name) {
    this.name = name;
    this.state = new LabState(name);
  }

  /** Runs with this process's terminal; returns the exit code. */
  int run(String target, List<String> command) {
    try {
      return start(target, command, ProcessBuilder.Redirect.INHERIT).waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 130;
    }
  }

  /**
   * Starts a command whose output the caller reads from the process; stderr is joined to stdout.
   */
  Process start(String target, List<String> command, ProcessBuilder.Redirect output) {
    var builder = new ProcessBuilder(command).redirectOutput(output);
    if (output.equals(ProcessBuilder.Redirect.INHERIT)) {
      builder.inheritIO();
    } else {
      builder.redirectErrorStream(true);
    }
    // A child inherits the namespace of the thread that starts it.
    try (var netns = Netns.open(namespace(target))) {
      return netns.run(() -> {
        try {
          return builder.start();
        } catch (IOException e) {
          throw new LabException(e);
        }
      });
    }
  }

  /** `[NAMESPACE/]POD`, `node/NAME` or `outside`. */
  Path namespace(String target) {
    var lab = state.requireLab();
    Path path;
    if (target.equals("outside")) {
      path = name.namespace("outside");
    } else if (target.startsWith("node/")) {
      String node = target.substring("node/".length());
      if (!lab.nodeNames().contains(node)) {
        throw new LabException(
            "no node '%s': there are %s".formatted(node, String.join(", ", lab.nodeNames())));
      }
      path = name.namespace(node);
    } else {
      int slash = target.indexOf('/');
      String namespace = slash < 0 ? "default" : target.substring(0, slash);
      String pod = target.substring(slash + 1);
      if (state.pod(namespace, pod).isEmpty()) {
        throw new LabException(
            "no pod '%s' in namespace '%s': ./jilium lab pod list shows what there is"
                .formatted(pod, namespace));
      }
      path = name.podNamespace(namespace, pod);
    }
    if (!Files.exists(path)) {
      throw new LabException(
          "%s is gone: ./jilium lab up completes a half-dead lab".formatted(path));
    }
    return path;
  }

  /** What a command printed, for a caller that expects it to succeed. */
  String output(String target, String... command) {
    try {
      var process = start(target, List.of(command), ProcessBuilder.Redirect.PIPE);
      String text =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new LabException(
            "%s in %s ended with %d: %s".formatted(String.join(" ", command), target, code, text));
      }
      return text;
    } catch (IOException e) {
      throw new LabException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
