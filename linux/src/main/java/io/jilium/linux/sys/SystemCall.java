// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls in use and their numbers (asm/unistd.h). All go through {@code syscall(2)}: one
 * native handle, and results as the kernel gives them.
 */
enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  LSEEK(8, 62),
  MMAP(9, 222),
  MUNMAP(11, 215),
  IOCTL(16, 29),
  SOCKET(41, 198),
  CONNECT(42, 203),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  SENDMSG(46, 211),
  RECVMSG(47, 212),
  SHUTDOWN(48, 210),
  BIND(49, 200),
  GETSOCKNAME(51, 204),
  GETPEERNAME(52, 205),
  SETSOCKOPT(54, 208),
  GETSOCKOPT(55, 209),
  FCNTL(72, 25),
  STATFS(137, 43),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  GETTID(186, 178),
  SCHED_SETAFFINITY(203, 122),
  SCHED_GETAFFINITY(204, 123),
  OPENAT(257, 56),
  PPOLL(271, 73),
  UNSHARE(272, 97),
  EVENTFD2(290, 19),
  PRLIMIT64(302, 261),
  SETNS(308, 268),
  BPF(321, 280);

  private static final boolean X86 = architectureIsX86();
  private static final MethodHandle SYSCALL =
      NativeLibrary.libc()
          .functionWithErrno(
              "syscall",
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                  JAVA_LONG));

  private final int x86;
  private final int arm64;

  SystemCall(int x86, int arm64) {
    this.x86 = x86;
    this.arm64 = arm64;
  }

  /** Returns what the kernel returns: a result, or a negated errno. */
  long call(long... arguments) {
    try (var arena = Arena.ofConfined()) {
      return call(arena.allocate(NativeLibrary.CALL_STATE), arguments);
    }
  }

  /** As above with a call state that the caller allocated. */
  long call(MemorySegment state, long... a) {
    long result;
    try {
      result =
          (long)
              SYSCALL.invokeExact(
                  state,
                  (long) (X86 ? x86 : arm64),
                  at(a, 0),
                  at(a, 1),
                  at(a, 2),
                  at(a, 3),
                  at(a, 4),
                  at(a, 5));
    } catch (Throwable e) {
      throw new AssertionError("syscall " + this, e);
    }
    return result == -1 ? -NativeLibrary.errno(state) : result;
  }

  private static long at(long[] arguments, int index) {
    return index < arguments.length ? arguments[index] : 0;
  }

  private static boolean architectureIsX86() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> true;
      case "aarch64" -> false;
      case String other -> throw new IllegalStateException("unknown architecture " + other);
      case null -> throw new IllegalStateException("unknown architecture");
    };
  }
}
