// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.sys.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The control groups of a lab's nodes: an agent's socket programs see those of its node only. */
final class Cgroups {
  private final LabName name;

  Cgroups(LabName name) {
    this.name = name;
  }

  /** A node's group, made when it is missing. */
  Path of(String node) {
    var group = root().resolve(node);
    try {
      Files.createDirectories(group);
    } catch (IOException e) {
      throw new LabException("making the control group of " + node + ": " + e.getMessage(), e);
    }
    return group;
  }

  /** The same command, in a node's group from its first instruction on. */
  List<String> inside(String node, List<String> command) {
    var line =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "echo $$ >\"$0\" && exec \"$@\"",
                of(node).resolve("cgroup.procs").toString()));
    line.addAll(command);
    return line;
  }

  /** Removes the groups; whatever still runs in one goes on in the group above. */
  void remove() {
    try {
      if (!Files.isDirectory(root())) {
        return;
      }
      try (var groups = Files.newDirectoryStream(root(), Files::isDirectory)) {
        for (var group : groups) {
          evacuate(group);
          Files.delete(group);
        }
      }
      Files.delete(root());
    } catch (IOException e) {
      throw new LabException("removing the control groups: " + e.getMessage(), e);
    }
  }

  private void evacuate(Path group) throws IOException {
    var above = root().resolveSibling("cgroup.procs");
    for (var pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
      try {
        Files.writeString(above, pid);
      } catch (IOException ended) {
        // It ended meanwhile.
      }
    }
  }

  private Path root() {
    return name.cgroup(Mounts.ensureCgroup2(LabName.all().resolve("cgroup2")));
  }
}
