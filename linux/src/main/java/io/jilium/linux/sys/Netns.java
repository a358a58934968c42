// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** An open network namespace. Closing it closes the handle; a namespace with a name stays. */
public final class Netns implements AutoCloseable {
  private static final Path THREAD = Path.of("/proc/thread-self/ns/net");

  private final Fd fd;
  private final long inode;

  private Netns(Fd fd) {
    this.fd = fd;
    this.inode = inode(fd);
  }

  /**
   * Makes a namespace and gives it a name. {@code ip netns add NAME} for {@code /run/netns/NAME};
   * any other path does as well. An empty file that a crash left there is taken over.
   */
  public static Netns create(Path path) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      if (!exists(path)) {
        Files.deleteIfExists(path);
      }
      Files.createFile(path);
    } catch (IOException e) {
      throw new UncheckedIOException("create network namespace " + path, e);
    }
    try {
      onThread(
          "netns-create",
          () -> {
            Syscalls.unshare(Syscalls.CLONE_NEWNET);
            Syscalls.mount(THREAD.toString(), path, "none", Syscalls.MS_BIND, "");
            return true;
          });
      return open(path);
    } catch (RuntimeException e) {
      delete(path);
      throw e;
    }
  }

  /** Makes a namespace that lives as long as this handle, or what runs in it. */
  public static Netns createUnnamed() {
    return onThread(
        "netns-create",
        () -> {
          Syscalls.unshare(Syscalls.CLONE_NEWNET);
          return open(THREAD);
        });
  }

  public static Netns open(Path path) {
    return new Netns(Syscalls.open(path, Syscalls.O_RDONLY));
  }

  public static Netns ofProcess(long pid) {
    return open(Path.of("/proc/" + pid + "/ns/net"));
  }

  /** The namespace of the calling OS thread. */
  public static Netns current() {
    return open(THREAD);
  }

  /** Whether {@code path} is a namespace (and not the empty file that a crash left). */
  public static boolean exists(Path path) {
    return Files.exists(path) && Syscalls.statfsType(path) == Mounts.NSFS_MAGIC;
  }

  /** Takes the name away, as {@code ip netns del}. Deleting what does not exist is no error. */
  public static void delete(Path path) {
    try {
      while (exists(path)) {
        Syscalls.umount2(path, Syscalls.MNT_DETACH);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("delete network namespace " + path, e);
    }
  }

  public Fd fd() {
    return fd;
  }

  /** Identifies the namespace while it lives; {@code readlink /proc/self/ns/net} shows it. */
  public long inode() {
    return inode;
  }

  /** The number by which eBPF knows the namespace; empty before kernel 5.14. */
  public OptionalLong cookie() {
    return run(() -> {
      try (var socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0)) {
        return OptionalLong.of(Sockets.netnsCookie(socket));
      } catch (LinuxException e) {
        if (e.errno().number() == 92) { // ENOPROTOOPT
          return OptionalLong.empty();
        }
        throw e;
      }
    });
  }

  /**
   * Runs a task inside the namespace and waits for it. Sockets opened, processes started and {@code
   * /proc/thread-self/net} belong to the namespace. A namespace belongs to the OS thread: a
   * platform thread visits it, for a virtual thread, which may change its carrier, another one
   * does. Threads that the task starts stay inside, so it must start none, and no virtual one
   * either: that may start a carrier. What the task throws unchecked is thrown here.
   */
  public <T> T run(Callable<T> task) {
    if (Thread.currentThread().isVirtual()) {
      return onThread("netns-" + inode, () -> visit(task));
    }
    var here = new FutureTask<>(() -> visit(task));
    here.run();
    return Outcome.await(here);
  }

  private <T> T visit(Callable<T> task) throws Exception {
    try (var home = current()) {
      Syscalls.setns(fd, Syscalls.CLONE_NEWNET);
      try {
        return task.call();
      } finally {
        home.enterForGood();
      }
    }
  }

  /** A thread that is lost in a pod must not work on: it would take the pod for the node. */
  private void enterForGood() {
    try {
      Syscalls.setns(fd, Syscalls.CLONE_NEWNET);
    } catch (LinuxException e) {
      throw new AssertionError("the thread cannot leave a network namespace", e);
    }
  }

  /** As {@link #run(Callable)} for a task without a result. */
  public void execute(Runnable task) {
    run(() -> {
      task.run();
      return true;
    });
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "netns " + inode + " (" + fd.description() + ")";
  }

  static <T> T onThread(String name, Callable<T> task) {
    var future = new FutureTask<>(task);
    Thread.ofPlatform().name(name).daemon().start(future);
    return Outcome.await(future);
  }

  private static long inode(Fd fd) {
    try {
      var link = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.number())).toString();
      if (link.startsWith("net:[")) {
        return Long.parseLong(link.substring(5, link.length() - 1));
      }
      var node = Files.getAttribute(Path.of("/proc/self/fd/" + fd.number()), "unix:ino");
      if (Syscalls.statfsType(Path.of("/proc/self/fd/" + fd.number())) == Mounts.NSFS_MAGIC) {
        return (long) node;
      }
    } catch (IOException e) {
      fd.close();
      throw new UncheckedIOException("inspect " + fd, e);
    }
    fd.close();
    throw new LinuxException("open " + fd.description() + " as network namespace", Errno.EINVAL);
  }
}
