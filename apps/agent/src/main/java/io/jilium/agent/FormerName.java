// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.agent.node.StateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that comes back under another name. Its programs and maps are pinned under the old one:
 * left there, they would go on deciding beside the new ones.
 */
final class FormerName {
  private static final Logger LOG = LoggerFactory.getLogger(FormerName.class);
  private static final String NAME = "node.name";

  private FormerName() {}

  /** Moves what is pinned under the old name, if there is one, to the new one. */
  static void takeOver(AgentOptions options, StateFile saved) {
    var former = saved.get(NAME).orElse(options.node());
    if (!former.equals(options.node())) {
      LOG.warn(
          "this node is {} now, it was {}: pods of before are restored", options.node(), former);
      move(options.pins().resolveSibling(former), options.pins());
    }
  }

  /** So that a later agent knows it. */
  static void remember(AgentOptions options, StateFile saved) {
    saved.put(NAME, options.node());
  }

  private static void move(Path from, Path to) {
    try {
      if (Files.isDirectory(from) && !Files.exists(to)) {
        Files.move(from, to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "move %s to %s: remove what is pinned there, and start again".formatted(from, to), e);
    }
  }
}
