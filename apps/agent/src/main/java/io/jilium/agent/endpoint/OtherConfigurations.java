// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Predicate;

/**
 * Network configurations beside ours: a runtime takes the first by name, and falls back to another
 * when ours is away for a moment. They are renamed, so that it cannot.
 */
final class OtherConfigurations {
  private static final String ASIDE = ".jilium_bak";

  /** What runtimes look at, by libcni. */
  private static final List<String> READ = List.of(".conf", ".conflist", ".json");

  private final Path ours;

  OtherConfigurations(Path ours) {
    this.ours = ours.toAbsolutePath();
  }

  void setAside() throws IOException {
    for (var other : find(name -> READ.stream().anyMatch(name::endsWith))) {
      if (!other.equals(ours)) {
        Files.move(
            other,
            other.resolveSibling(other.getFileName() + ASIDE),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** What somebody wrote anew under the old name meanwhile wins. */
  void bringBack() throws IOException {
    for (var aside : find(name -> name.endsWith(ASIDE))) {
      var name = aside.getFileName().toString();
      var before = aside.resolveSibling(name.substring(0, name.length() - ASIDE.length()));
      if (Files.exists(before, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(aside);
      } else {
        Files.move(aside, before, StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private List<Path> find(Predicate<String> name) throws IOException {
    var directory = ours.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> name.test(file.getFileName().toString()) && !Files.isDirectory(file))
          .toList();
    }
  }
}
