// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.util.Map;

/** An error number of the kernel, as {@code errno(3)} lists them. */
public record Errno(int number) {
  public static final Errno EPERM = new Errno(1);
  public static final Errno ENOENT = new Errno(2);
  public static final Errno ESRCH = new Errno(3);
  public static final Errno EINTR = new Errno(4);
  public static final Errno EIO = new Errno(5);
  public static final Errno E2BIG = new Errno(7);
  public static final Errno EBADF = new Errno(9);
  public static final Errno EAGAIN = new Errno(11);
  public static final Errno ENOMEM = new Errno(12);
  public static final Errno EACCES = new Errno(13);
  public static final Errno EFAULT = new Errno(14);
  public static final Errno EBUSY = new Errno(16);
  public static final Errno EEXIST = new Errno(17);
  public static final Errno ENODEV = new Errno(19);
  public static final Errno ENOTDIR = new Errno(20);
  public static final Errno EINVAL = new Errno(22);
  public static final Errno ENFILE = new Errno(23);
  public static final Errno EMFILE = new Errno(24);
  public static final Errno ENOSPC = new Errno(28);
  public static final Errno EROFS = new Errno(30);
  public static final Errno EPIPE = new Errno(32);
  public static final Errno ERANGE = new Errno(34);
  public static final Errno ENOSYS = new Errno(38);
  public static final Errno ENOTEMPTY = new Errno(39);
  public static final Errno ENODATA = new Errno(61);
  public static final Errno ENOTSOCK = new Errno(88);
  public static final Errno EMSGSIZE = new Errno(90);
  public static final Errno EPROTONOSUPPORT = new Errno(93);
  public static final Errno EOPNOTSUPP = new Errno(95);
  public static final Errno EAFNOSUPPORT = new Errno(97);
  public static final Errno EADDRINUSE = new Errno(98);
  public static final Errno EADDRNOTAVAIL = new Errno(99);
  public static final Errno ENETDOWN = new Errno(100);
  public static final Errno ENETUNREACH = new Errno(101);
  public static final Errno ENOBUFS = new Errno(105);
  public static final Errno ETIMEDOUT = new Errno(110);
  public static final Errno ECONNREFUSED = new Errno(111);
  public static final Errno EHOSTUNREACH = new Errno(113);
  public static final Errno EINPROGRESS = new Errno(115);
  public static final Errno ESTALE = new Errno(116);

  /** {@code ENOTSUPP}: never meant for user space, but bpf(2) returns it. */
  public static final Errno ENOTSUPP = new Errno(524);

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "EPERM (operation not permitted)"),
          Map.entry(2, "ENOENT (no such file or object)"),
          Map.entry(3, "ESRCH (no such process or object)"),
          Map.entry(4, "EINTR (interrupted)"),
          Map.entry(5, "EIO (input/output error)"),
          Map.entry(6, "ENXIO (no such device or address)"),
          Map.entry(7, "E2BIG (argument too big)"),
          Map.entry(8, "ENOEXEC (format not understood)"),
          Map.entry(9, "EBADF (bad file descriptor)"),
          Map.entry(11, "EAGAIN (try again)"),
          Map.entry(12, "ENOMEM (out of memory)"),
          Map.entry(13, "EACCES (permission denied)"),
          Map.entry(14, "EFAULT (bad address)"),
          Map.entry(16, "EBUSY (busy)"),
          Map.entry(17, "EEXIST (exists already)"),
          Map.entry(18, "EXDEV (crosses devices)"),
          Map.entry(19, "ENODEV (no such device)"),
          Map.entry(20, "ENOTDIR (not a directory)"),
          Map.entry(21, "EISDIR (is a directory)"),
          Map.entry(22, "EINVAL (invalid argument)"),
          Map.entry(23, "ENFILE (too many open files in the system)"),
          Map.entry(24, "EMFILE (too many open files)"),
          Map.entry(25, "ENOTTY (inappropriate ioctl)"),
          Map.entry(27, "EFBIG (too large)"),
          Map.entry(28, "ENOSPC (no space left)"),
          Map.entry(30, "EROFS (read-only)"),
          Map.entry(32, "EPIPE (broken pipe)"),
          Map.entry(34, "ERANGE (out of range)"),
          Map.entry(36, "ENAMETOOLONG (name too long)"),
          Map.entry(38, "ENOSYS (not implemented)"),
          Map.entry(39, "ENOTEMPTY (directory not empty)"),
          Map.entry(40, "ELOOP (too many symbolic links)"),
          Map.entry(61, "ENODATA (no data)"),
          Map.entry(71, "EPROTO (protocol error)"),
          Map.entry(88, "ENOTSOCK (not a socket)"),
          Map.entry(90, "EMSGSIZE (message too long)"),
          Map.entry(92, "ENOPROTOOPT (no such option)"),
          Map.entry(93, "EPROTONOSUPPORT (protocol not supported)"),
          Map.entry(95, "EOPNOTSUPP (not supported)"),
          Map.entry(97, "EAFNOSUPPORT (address family not supported)"),
          Map.entry(98, "EADDRINUSE (address in use)"),
          Map.entry(99, "EADDRNOTAVAIL (address not available)"),
          Map.entry(100, "ENETDOWN (network is down)"),
          Map.entry(101, "ENETUNREACH (network is unreachable)"),
          Map.entry(104, "ECONNRESET (connection reset)"),
          Map.entry(105, "ENOBUFS (no buffer space)"),
          Map.entry(106, "EISCONN (already connected)"),
          Map.entry(107, "ENOTCONN (not connected)"),
          Map.entry(110, "ETIMEDOUT (timed out)"),
          Map.entry(111, "ECONNREFUSED (connection refused)"),
          Map.entry(112, "EHOSTDOWN (host is down)"),
          Map.entry(113, "EHOSTUNREACH (no route to host)"),
          Map.entry(115, "EINPROGRESS (in progress)"),
          Map.entry(116, "ESTALE (stale)"),
          Map.entry(524, "ENOTSUPP (not supported by this kernel)"));

  @Override
  public String toString() {
    return NAMES.getOrDefault(number, "errno " + number);
  }
}
