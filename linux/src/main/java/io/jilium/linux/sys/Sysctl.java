// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Kernel settings under {@code /proc/sys}. Those below {@code net} belong to the network namespace
 * of the calling thread: wrap the call in {@link Netns#run}. Names are given with slashes, because
 * a device name may contain dots: {@code net/ipv4/conf/eth0.100/rp_filter}.
 */
public final class Sysctl {
  private static final Path ROOT = Path.of("/proc/sys");

  private Sysctl() {}

  /** {@code sysctl -n NAME}; empty if the kernel has no such setting. */
  public static Optional<String> read(String name) {
    try {
      return Optional.of(Files.readString(path(name)).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new LinuxException("read sysctl " + name, Errno.EIO, String.valueOf(e.getMessage()));
    }
  }

  /** {@code sysctl -w NAME=VALUE}; writes nothing if the value is there already. */
  public static void write(String name, String value) {
    if (read(name).filter(value::equals).isPresent()) {
      return;
    }
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    try (var arena = Arena.ofConfined();
        var fd = Syscalls.open(path(name), Syscalls.O_WRONLY)) {
      Syscalls.write(fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    } catch (LinuxException e) {
      throw new LinuxException("write sysctl " + name + "=" + value, e.errno());
    }
  }

  public static void write(String name, int value) {
    write(name, Integer.toString(value));
  }

  private static Path path(String name) {
    var path = ROOT.resolve(name).normalize();
    if (!path.startsWith(ROOT) || path.equals(ROOT)) {
      throw new IllegalArgumentException("sysctl name " + name);
    }
    return path;
  }
}
