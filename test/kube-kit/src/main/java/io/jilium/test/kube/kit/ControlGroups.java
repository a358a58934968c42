// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Control groups of nodes: one in each hierarchy below /sys/fs/cgroup. */
final class ControlGroups {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final Duration END = Duration.ofSeconds(20);

  /** A shell's words that move it into the groups named in $GROUP. */
  static final String ENTER =
      "for hierarchy in /sys/fs/cgroup/*/; do echo $$ >\"$hierarchy$GROUP/cgroup.procs\"; done; ";

  private ControlGroups() {}

  static void create(String group) {
    try {
      for (Path hierarchy : hierarchies()) {
        var directory = Files.createDirectories(hierarchy.resolve(group));
        // A new cpuset allows nothing until it is told.
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
          if (Files.exists(hierarchy.resolve(file))) {
            Files.writeString(directory.resolve(file), Files.readString(hierarchy.resolve(file)));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("create control group " + group, e);
    }
  }

  /** Removes all whose names begin so; their processes have been killed and may still be ending. */
  static void remove(String prefix) {
    Waiting.until(
        "the last processes in control groups " + prefix + "*",
        END,
        () -> removeOnce(prefix),
        () -> existing(prefix).toString());
  }

  /** Which there are. */
  static List<Path> existing(String prefix) {
    try {
      var found = new ArrayList<Path>();
      for (Path hierarchy : hierarchies()) {
        try (var groups = Files.newDirectoryStream(hierarchy, prefix + "*")) {
          groups.forEach(found::add);
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean removeOnce(String prefix) {
    for (Path group : existing(prefix)) {
      try (var below = Files.walk(group)) {
        for (Path directory :
            below.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(directory); // its files are the kernel's and go with it
        }
      } catch (IOException | UncheckedIOException busy) {
        return false;
      }
    }
    return true;
  }

  private static List<Path> hierarchies() throws IOException {
    if (Files.exists(ROOT.resolve("cgroup.controllers"))) {
      throw new KubeException(
          "this machine has control groups of version 2 alone: clusters are made on hierarchies of"
              + " version 1 so far");
    }
    try (var all = Files.list(ROOT)) {
      return all.filter(path -> Files.isDirectory(path) && !Files.isSymbolicLink(path)).toList();
    }
  }
}
