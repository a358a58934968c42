// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import io.jilium.linux.sys.Sysctl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of the whole machine that a kubelet, or the number of its watches, changes: remembered
 * before the first cluster comes up, put back when the last one goes.
 */
final class MachineSettings {
  private static final List<String> CHANGED =
      List.of(
          "vm/overcommit_memory",
          "vm/panic_on_oom",
          "kernel/panic",
          "kernel/panic_on_oops",
          "kernel/keys/root_maxkeys",
          "kernel/keys/root_maxbytes",
          "fs/inotify/max_user_instances",
          "fs/inotify/max_user_watches");
  private static final Path PROC = Path.of("/proc/sys");
  private static final int INOTIFY_INSTANCES = 8192;
  private static final int INOTIFY_WATCHES = 524_288;

  private MachineSettings() {}

  /** Before a cluster's first process. */
  static void prepare() {
    KubePrograms.inCacheLocked(() -> {
      if (!Files.exists(saved())) {
        var lines = new ArrayList<String>();
        for (String name : CHANGED) {
          lines.add(name + "=" + Files.readString(PROC.resolve(name)).strip());
        }
        Files.write(saved(), lines);
      }
      Sysctl.write("fs/inotify/max_user_instances", INOTIFY_INSTANCES);
      Sysctl.write("fs/inotify/max_user_watches", INOTIFY_WATCHES);
    });
  }

  /** After a cluster's files are gone. */
  static void restoreAfterTheLast() {
    KubePrograms.inCacheLocked(() -> {
      if (Files.exists(saved()) && noClusters()) {
        for (String line : Files.readAllLines(saved())) {
          String[] words = line.split("=", 2);
          Files.writeString(PROC.resolve(words[0]), words[1]);
        }
        Files.delete(saved());
      }
    });
  }

  private static boolean noClusters() {
    try (var clusters = Files.list(ClusterPlaces.all())) {
      return clusters.findAny().isEmpty();
    } catch (java.nio.file.NoSuchFileException _) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path saved() {
    return KubePrograms.cache().resolve("machine-settings");
  }
}
