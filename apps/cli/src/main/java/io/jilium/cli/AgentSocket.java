// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import io.jilium.wire.AgentException;
import io.jilium.wire.AgentException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the socket of the agent that the user means. */
final class AgentSocket {
  private static final String UNDER_ROOT = "var/run/jilium/agent.sock";

  private final Path labs;

  /**
   * @param labs directory with one directory per lab, each with one per node, which is the node's
   *     root
   */
  AgentSocket(Path labs) {
    this.labs = labs;
  }

  /** The socket of a node of a lab, which must exist. */
  Path ofNode(String lab, String node) {
    Path home = labs.resolve(lab);
    if (!Files.isDirectory(home)) {
      throw new AgentException(Kind.NOT_RUNNING, "no lab named %s is up".formatted(lab));
    }
    Path root = home.resolve(node);
    List<String> nodes = nodes(home);
    if (!nodes.contains(node)) {
      throw new AgentException(
          Kind.NOT_RUNNING,
          "lab %s has no node %s; it has %s"
              .formatted(lab, node, nodes.isEmpty() ? "none" : String.join(", ", nodes)));
    }
    return root.resolve(UNDER_ROOT);
  }

  /** The socket under a root directory. */
  static Path underRoot(Path root) {
    return root.resolve(UNDER_ROOT);
  }

  /** What to tell somebody whose own machine runs no agent, if a lab is up. */
  Optional<String> advice(String lab) {
    List<String> nodes = nodes(labs.resolve(lab));
    return nodes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "lab %s is up: try --node %s".formatted(lab, String.join(", --node ", nodes)));
  }

  private static List<String> nodes(Path lab) {
    if (!Files.isDirectory(lab)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(lab)) {
      return entries
          .filter(entry -> Files.isDirectory(entry.resolve("var/run/jilium")))
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
