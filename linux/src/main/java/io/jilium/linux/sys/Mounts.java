// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** The mount points that networking needs: bpffs, cgroup v2, private mount namespaces. */
public final class Mounts {
  /** File system types of linux/magic.h. */
  public static final long BPF_FS_MAGIC = 0xcafe4a11L;

  public static final long CGROUP2_SUPER_MAGIC = 0x63677270L;
  public static final long NSFS_MAGIC = 0x6e736673L;

  private Mounts() {}

  /** One line of {@code /proc/thread-self/mounts}. */
  public record MountPoint(String source, Path target, String type, String options) {}

  /** What the calling thread's mount namespace holds. */
  public static List<MountPoint> list() {
    try (var lines = Files.lines(Path.of("/proc/thread-self/mounts"))) {
      return lines
          .map(line -> line.split(" ", -1))
          .map(f -> new MountPoint(unescape(f[0]), Path.of(unescape(f[1])), f[2], f[3]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("read /proc/thread-self/mounts", e);
    }
  }

  /** Makes {@code path} a directory on a BPF file system, mounting one there if it is not yet. */
  public static void ensureBpffs(Path path) {
    createDirectories(path);
    if (Syscalls.statfsType(path) != BPF_FS_MAGIC) {
      Syscalls.mount("bpffs", path, "bpf", 0, "mode=0700");
    }
  }

  public static boolean isBpffs(Path path) {
    return Files.isDirectory(path) && Syscalls.statfsType(path) == BPF_FS_MAGIC;
  }

  /** Where the unified cgroup hierarchy is mounted, the root before others. */
  public static Optional<Path> cgroup2() {
    return list().stream()
        .filter(m -> m.type().equals("cgroup2"))
        .map(MountPoint::target)
        .filter(p -> Files.isDirectory(p) && Syscalls.statfsType(p) == CGROUP2_SUPER_MAGIC)
        .findFirst();
  }

  /** The unified cgroup hierarchy; mounted at {@code path} if it is mounted nowhere. */
  public static Path ensureCgroup2(Path path) {
    return cgroup2()
        .orElseGet(() -> {
          createDirectories(path);
          Syscalls.mount("cgroup2", path, "cgroup2", 0, "");
          return path;
        });
  }

  /**
   * Runs a task on a platform thread that has its own mount namespace, whose mounts do not show
   * outside. Processes that it starts keep the namespace.
   */
  public static <T> T inPrivateNamespace(Callable<T> task) {
    return Netns.onThread(
        "mount-namespace",
        () -> {
          Syscalls.unshare(Syscalls.CLONE_NEWNS);
          Syscalls.mount("none", Path.of("/"), "none", Syscalls.MS_REC | Syscalls.MS_PRIVATE, "");
          return task.call();
        });
  }

  /** mounts(5) writes space, tab, newline and backslash as three octal digits. */
  private static String unescape(String field) {
    var text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(field.charAt(i));
      }
    }
    return text.toString();
  }

  private static void createDirectories(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + path, e);
    }
  }
}
