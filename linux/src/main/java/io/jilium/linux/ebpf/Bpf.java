// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Syscalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Commands of bpf(2) and what several of them share; offsets are those of union bpf_attr. */
final class Bpf {
  static final int MAP_CREATE = 0;
  static final int MAP_LOOKUP_ELEM = 1;
  static final int MAP_UPDATE_ELEM = 2;
  static final int MAP_DELETE_ELEM = 3;
  static final int MAP_GET_NEXT_KEY = 4;
  static final int OBJ_PIN = 6;
  static final int OBJ_GET = 7;
  static final int PROG_TEST_RUN = 10;
  static final int PROG_GET_NEXT_ID = 11;
  static final int PROG_GET_FD_BY_ID = 13;
  static final int MAP_GET_FD_BY_ID = 14;
  static final int OBJ_GET_INFO_BY_FD = 15;
  static final int PROG_QUERY = 16;
  static final int MAP_LOOKUP_AND_DELETE_ELEM = 21;
  static final int MAP_FREEZE = 22;
  static final int MAP_LOOKUP_BATCH = 24;
  static final int MAP_UPDATE_BATCH = 26;
  static final int MAP_DELETE_BATCH = 27;
  static final int LINK_CREATE = 28;
  static final int LINK_UPDATE = 29;
  static final int LINK_GET_FD_BY_ID = 30;
  static final int ENABLE_STATS = 32;
  static final int LINK_DETACH = 34;

  /** union bpf_attr of 5.10 has 120 bytes; a longer tail must be zero and is. */
  private static final long ATTRIBUTE_BYTES = 120;

  static {
    // Before 5.11 map memory counts as locked memory of the process.
    if (KernelVersion.current().isBefore(5, 11)) {
      Syscalls.setrlimit(Syscalls.RLIMIT_MEMLOCK, -1);
    }
  }

  private Bpf() {}

  /** Loads this class, whose initialisation does it; for calls that libbpf makes. */
  static void allowLockedMemory() {}

  static MemorySegment attributes(Arena arena) {
    return arena.allocate(ATTRIBUTE_BYTES, 8);
  }

  static long tryCall(int command, MemorySegment attributes) {
    return Syscalls.tryBpf(command, attributes);
  }

  static long call(int command, MemorySegment attributes, String operation) {
    return Syscalls.check(tryCall(command, attributes), operation);
  }

  static Fd open(int command, MemorySegment attributes, String operation, String description) {
    return Fd.owning((int) call(command, attributes, operation), description);
  }

  static Fd openById(int command, int id, String what) {
    try (var arena = Arena.ofConfined()) {
      var attributes = attributes(arena);
      attributes.set(JAVA_INT, 0, id);
      return open(command, attributes, "open " + what + " " + id, what + " " + id);
    }
  }

  /** Fills {@code info}; returns how many bytes this kernel knows. */
  static int info(Fd fd, MemorySegment info) {
    try (var arena = Arena.ofConfined()) {
      var attributes = attributes(arena);
      attributes.set(JAVA_INT, 0, fd.number());
      attributes.set(JAVA_INT, 4, (int) info.byteSize());
      attributes.set(JAVA_LONG, 8, info.address());
      call(OBJ_GET_INFO_BY_FD, attributes, "describe " + fd);
      return attributes.get(JAVA_INT, 4);
    }
  }

  /** Pins to a path on a bpffs; its directory is made. */
  static void pin(Fd fd, Path path) {
    createParent(path);
    try (var arena = Arena.ofConfined()) {
      call(OBJ_PIN, pinAttributes(arena, path, fd.number()), "pin " + fd + " to " + path);
    }
  }

  static void createParent(Path pin) {
    try {
      Files.createDirectories(pin.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("create the directory of pin " + pin, e);
    }
  }

  static Fd openPin(Path path) {
    try (var arena = Arena.ofConfined()) {
      return open(OBJ_GET, pinAttributes(arena, path, 0), "open pin " + path, path.toString());
    }
  }

  /** Takes a pin away; false if there was none. */
  static boolean unpin(Path path) {
    try {
      return Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new LinuxException("unpin " + path, Errno.EIO, String.valueOf(e.getMessage()));
    }
  }

  private static MemorySegment pinAttributes(Arena arena, Path path, int fd) {
    var attributes = attributes(arena);
    attributes.set(JAVA_LONG, 0, arena.allocateFrom(path.toString()).address());
    attributes.set(JAVA_INT, 8, fd);
    return attributes;
  }
}
