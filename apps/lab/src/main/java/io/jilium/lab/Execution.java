// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs commands inside a lab's namespaces. */
public final class Execution {
  private final LabName name;
  private final LabState state;
  private final Cgroups groups;

  /**
   * @param lab its name, as `--name` gives it
   */
  public Execution(String lab) {
    this(new LabName(lab));
  }

  Execution(LabName name) {
    this.name = name;
    this.state = new LabState(name);
    this.groups = new Cgroups(name);
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
   *
   * @param target `[NAMESPACE/]POD`, `node/NAME` or `outside`
   */
  public Process start(String target, List<String> command) {
    return start(target, command, ProcessBuilder.Redirect.PIPE);
  }

  Process start(String target, List<String> command, ProcessBuilder.Redirect output) {
    var place = place(target);
    var line = place.node().isEmpty() ? command : groups.inside(place.node(), command);
    var builder = new ProcessBuilder(line).redirectOutput(output);
    if (output.equals(ProcessBuilder.Redirect.INHERIT)) {
      builder.inheritIO();
    } else {
      builder.redirectErrorStream(true);
    }
    // A child inherits the namespace of the thread that starts it.
    try (var netns = Netns.open(place.namespace())) {
      return netns.run(() -> {
        try {
          return builder.start();
        } catch (IOException e) {
          throw new LabException(e);
        }
      });
    }
  }

  /**
   * Where a command runs.
   *
   * @param node whose control group it is in; empty for a place that is on none
   */
  private record Place(Path namespace, String node) {}

  /** `[NAMESPACE/]POD`, `node/NAME` or `outside`. */
  private Place place(String target) {
    var lab = state.requireLab();
    Place place;
    if (target.equals("outside")) {
      place = new Place(name.namespace("outside"), "");
    } else if (target.startsWith("node/")) {
      String node = target.substring("node/".length());
      if (!lab.nodeNames().contains(node)) {
        throw new LabException(
            "no node '%s': there are %s".formatted(node, String.join(", ", lab.nodeNames())));
      }
      place = new Place(name.namespace(node), node);
    } else {
      int slash = target.indexOf('/');
      String namespace = slash < 0 ? "default" : target.substring(0, slash);
      String pod = target.substring(slash + 1);
      var found =
          state
              .pod(namespace, pod)
              .orElseThrow(() ->
                  new LabException(
                      "no pod '%s' in namespace '%s': ./jilium lab pod list shows what there is"
                          .formatted(pod, namespace)));
      place = new Place(name.podNamespace(namespace, pod), found.node());
    }
    if (!Files.exists(place.namespace())) {
      throw new LabException(
          "%s is gone: ./jilium lab up completes a half-dead lab".formatted(place.namespace()));
    }
    return place;
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
