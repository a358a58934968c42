// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * System calls on files, memory, namespaces and mounts, named as in section 2 of the manual. A
 * method throws {@link LinuxException}; one whose name begins with {@code try} returns the negated
 * errno instead. Calls that block do so in the calling OS thread: use a platform thread.
 */
public final class Syscalls {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_TRUNC = 01000;
  public static final int O_NONBLOCK = 04000;
  public static final int O_CLOEXEC = 02000000;

  public static final int PROT_READ = 1;
  public static final int PROT_WRITE = 2;
  public static final int MAP_SHARED = 1;
  public static final int MAP_PRIVATE = 2;

  public static final int CLONE_FS = 0x200;
  public static final int CLONE_NEWNS = 0x20000;
  public static final int CLONE_NEWNET = 0x40000000;

  public static final long MS_RDONLY = 1;
  public static final long MS_BIND = 4096;
  public static final long MS_REC = 16384;
  public static final long MS_PRIVATE = 1 << 18;
  public static final long MS_SLAVE = 1 << 19;
  public static final long MS_SHARED = 1 << 20;
  public static final int MNT_DETACH = 2;

  public static final int RLIMIT_NOFILE = 7;
  public static final int RLIMIT_MEMLOCK = 8;

  public static final short POLLIN = 1;
  public static final short POLLERR = 8;

  private static final int AT_FDCWD = -100;
  private static final int F_DUPFD_CLOEXEC = 1030;

  private Syscalls() {}

  /** {@code openat(2)} relative to the working directory; O_CLOEXEC is added. */
  public static Fd open(Path path, int flags) {
    return open(path, flags, 0);
  }

  public static Fd open(Path path, int flags, int mode) {
    try (var arena = Arena.ofConfined()) {
      var name = arena.allocateFrom(path.toString());
      long fd = SystemCall.OPENAT.call(AT_FDCWD, name.address(), flags | (long) O_CLOEXEC, mode);
      return Fd.owning((int) check(fd, "open " + path), path.toString());
    }
  }

  static void close(int fd) {
    SystemCall.CLOSE.call(fd);
  }

  static Fd fcntlDuplicate(int fd, String description) {
    long copy = SystemCall.FCNTL.call(fd, F_DUPFD_CLOEXEC, 0);
    return Fd.owning(
        (int) check(copy, "duplicate fd " + fd + " (" + description + ")"), description);
  }

  /** Reads at most the size of {@code buffer}; 0 is the end of the file. */
  public static long read(Fd fd, MemorySegment buffer) {
    return check(tryRead(fd, buffer), "read " + fd);
  }

  /** The bytes read, or a negated errno. */
  public static long tryRead(Fd fd, MemorySegment buffer) {
    return SystemCall.READ.call(fd.number(), buffer.address(), buffer.byteSize());
  }

  public static long write(Fd fd, MemorySegment buffer) {
    long written = SystemCall.WRITE.call(fd.number(), buffer.address(), buffer.byteSize());
    return check(written, "write " + fd);
  }

  public static long ioctl(Fd fd, long request, MemorySegment argument) {
    long result = SystemCall.IOCTL.call(fd.number(), request, argument.address());
    return check(result, "ioctl 0x" + Long.toHexString(request) + " on " + fd);
  }

  /** {@code eventfd2(2)}, non-blocking. */
  public static Fd eventfd() {
    long fd = SystemCall.EVENTFD2.call(0, (long) O_CLOEXEC | O_NONBLOCK);
    return Fd.owning((int) check(fd, "eventfd"), "eventfd");
  }

  /**
   * {@code ppoll(2)} for input on any of the descriptors.
   *
   * @return a bit per descriptor that is ready (bit 0 = the first); 0 after the timeout
   */
  public static long ppoll(List<Fd> fds, Duration timeout) {
    if (fds.size() > Long.SIZE) {
      throw new IllegalArgumentException(fds.size() + " descriptors, at most " + Long.SIZE);
    }
    try (var arena = Arena.ofConfined()) {
      var polls = arena.allocate(8L * fds.size(), 4);
      for (int i = 0; i < fds.size(); i++) {
        polls.set(JAVA_INT, 8L * i, fds.get(i).number());
        polls.set(JAVA_SHORT, 8L * i + 4, POLLIN);
      }
      var time = arena.allocate(16, 8);
      time.set(JAVA_LONG, 0, timeout.getSeconds());
      time.set(JAVA_LONG, 8, timeout.getNano());
      long ready = SystemCall.PPOLL.call(polls.address(), fds.size(), time.address(), 0, 0);
      if (ready == -Errno.EINTR.number()) {
        return 0;
      }
      check(ready, "ppoll " + fds);
      long bits = 0;
      for (int i = 0; i < fds.size(); i++) {
        bits |= polls.get(JAVA_SHORT, 8L * i + 6) != 0 ? 1L << i : 0;
      }
      return bits;
    }
  }

  /** Moves the calling OS thread into a namespace; only for threads that then end. */
  public static void setns(Fd namespace, int type) {
    check(SystemCall.SETNS.call(namespace.number(), type), "setns " + namespace);
  }

  /** Gives the calling OS thread new namespaces; only for threads that then end. */
  public static void unshare(int flags) {
    check(SystemCall.UNSHARE.call(flags), "unshare 0x" + Integer.toHexString(flags));
  }

  public static void mount(String source, Path target, String type, long flags, String data) {
    try (var arena = Arena.ofConfined()) {
      long result =
          SystemCall.MOUNT.call(
              arena.allocateFrom(source).address(),
              arena.allocateFrom(target.toString()).address(),
              arena.allocateFrom(type).address(),
              flags,
              arena.allocateFrom(data).address());
      check(result, "mount " + type + " " + source + " on " + target);
    }
  }

  public static void umount2(Path target, int flags) {
    try (var arena = Arena.ofConfined()) {
      var name = arena.allocateFrom(target.toString());
      check(SystemCall.UMOUNT2.call(name.address(), flags), "umount " + target);
    }
  }

  /** {@code f_type} of the file system that holds {@code path}, see linux/magic.h. */
  public static long statfsType(Path path) {
    try (var arena = Arena.ofConfined()) {
      var name = arena.allocateFrom(path.toString());
      var result = arena.allocate(256, 8);
      check(SystemCall.STATFS.call(name.address(), result.address()), "statfs " + path);
      return result.get(JAVA_LONG, 0);
    }
  }

  /** {@code setrlimit(2)} of this process, soft and hard limit alike; -1 is unlimited. */
  public static void setrlimit(int resource, long limit) {
    try (var arena = Arena.ofConfined()) {
      var pair = arena.allocateFrom(JAVA_LONG, limit, limit);
      check(SystemCall.PRLIMIT64.call(0, resource, pair.address(), 0), "setrlimit " + resource);
    }
  }

  public static int gettid() {
    return (int) SystemCall.GETTID.call();
  }

  /** Binds the calling OS thread to CPUs (bit n = CPU n, 64 at most). */
  public static void schedSetaffinity(long cpus) {
    try (var arena = Arena.ofConfined()) {
      var mask = arena.allocateFrom(JAVA_LONG, cpus);
      long result = SystemCall.SCHED_SETAFFINITY.call(0, 8, mask.address());
      check(result, "sched_setaffinity 0x" + Long.toHexString(cpus));
    }
  }

  /**
   * {@code bpf(2)}.
   *
   * @return the command's result, or a negated errno
   */
  public static long tryBpf(int command, MemorySegment attributes) {
    return SystemCall.BPF.call(command, attributes.address(), attributes.byteSize());
  }

  static long tryMmap(long length, int protection, int flags, Fd fd, long offset) {
    return SystemCall.MMAP.call(0, length, protection, flags, fd.number(), offset);
  }

  static void munmap(long address, long length) {
    SystemCall.MUNMAP.call(address, length);
  }

  /** Returns a non-negative result, else throws with the operation's name. */
  public static long check(long result, String operation) {
    if (result < 0 && result >= -4095) {
      throw new LinuxException(operation, new Errno((int) -result));
    }
    return result;
  }
}
