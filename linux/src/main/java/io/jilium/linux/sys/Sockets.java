// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * System calls on sockets, for the families that Java lacks (AF_NETLINK, AF_PACKET, raw). A socket
 * address is a segment that holds the family's {@code struct sockaddr_*}. Buffers are native
 * memory.
 */
public final class Sockets {
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int AF_NETLINK = 16;
  public static final int AF_PACKET = 17;

  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_RAW = 3;
  public static final int SOCK_NONBLOCK = Syscalls.O_NONBLOCK;
  public static final int SOCK_CLOEXEC = Syscalls.O_CLOEXEC;

  public static final int MSG_PEEK = 0x2;
  public static final int MSG_TRUNC = 0x20;
  public static final int MSG_DONTWAIT = 0x40;

  public static final int SOL_SOCKET = 1;
  public static final int SOL_PACKET = 263;
  public static final int SOL_NETLINK = 270;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_PEERCRED = 17;
  public static final int SO_RCVTIMEO = 20;
  public static final int SO_BINDTODEVICE = 25;
  public static final int SO_SNDBUFFORCE = 32;
  public static final int SO_RCVBUFFORCE = 33;
  public static final int SO_MARK = 36;
  public static final int SO_NETNS_COOKIE = 71;

  private Sockets() {}

  /** {@code socket(2)} in the calling thread's network namespace; SOCK_CLOEXEC is added. */
  public static Fd socket(int family, int type, int protocol) {
    var what = "socket family " + family + " type " + (type & 0xf) + " protocol " + protocol;
    long fd = SystemCall.SOCKET.call(family, type | (long) SOCK_CLOEXEC, protocol);
    return Fd.owning((int) Syscalls.check(fd, what), what);
  }

  public static void bind(Fd socket, MemorySegment address) {
    long result = SystemCall.BIND.call(socket.number(), address.address(), address.byteSize());
    Syscalls.check(result, "bind " + socket);
  }

  public static void connect(Fd socket, MemorySegment address) {
    long result = SystemCall.CONNECT.call(socket.number(), address.address(), address.byteSize());
    Syscalls.check(result, "connect " + socket);
  }

  /** Fills {@code address} with the local address. */
  public static void getsockname(Fd socket, MemorySegment address) {
    try (var arena = Arena.ofConfined()) {
      var length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
      long result =
          SystemCall.GETSOCKNAME.call(socket.number(), address.address(), length.address());
      Syscalls.check(result, "getsockname " + socket);
    }
  }

  /** Fills {@code address} with the address of the other end. */
  public static void getpeername(Fd socket, MemorySegment address) {
    try (var arena = Arena.ofConfined()) {
      var length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
      long result =
          SystemCall.GETPEERNAME.call(socket.number(), address.address(), length.address());
      Syscalls.check(result, "getpeername " + socket);
    }
  }

  /** {@code send(2)} to the connected or default peer (for netlink: the kernel). */
  public static long send(Fd socket, MemorySegment message, int flags) {
    long sent =
        SystemCall.SENDTO.call(socket.number(), message.address(), message.byteSize(), flags, 0, 0);
    return Syscalls.check(sent, "send " + message.byteSize() + " bytes on " + socket);
  }

  public static long sendto(Fd socket, MemorySegment message, int flags, MemorySegment address) {
    long sent =
        SystemCall.SENDTO.call(
            socket.number(),
            message.address(),
            message.byteSize(),
            flags,
            address.address(),
            address.byteSize());
    return Syscalls.check(sent, "send " + message.byteSize() + " bytes on " + socket);
  }

  public static long recv(Fd socket, MemorySegment buffer, int flags) {
    return Syscalls.check(tryRecv(socket, buffer, flags), "receive on " + socket);
  }

  /** The bytes received (with MSG_TRUNC: the message's whole length), or a negated errno. */
  public static long tryRecv(Fd socket, MemorySegment buffer, int flags) {
    return SystemCall.RECVFROM.call(
        socket.number(), buffer.address(), buffer.byteSize(), flags, 0, 0);
  }

  /** As {@link #tryRecv}, and fills {@code address} with the sender's socket address. */
  public static long tryRecvfrom(
      Fd socket, MemorySegment buffer, int flags, MemorySegment address) {
    try (var arena = Arena.ofConfined()) {
      var length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
      return SystemCall.RECVFROM.call(
          socket.number(),
          buffer.address(),
          buffer.byteSize(),
          flags,
          address.address(),
          length.address());
    }
  }

  /** {@code recvmsg(2)} with a {@code struct msghdr} that the caller laid out. */
  public static long tryRecvmsg(Fd socket, MemorySegment header, int flags) {
    return SystemCall.RECVMSG.call(socket.number(), header.address(), flags);
  }

  /** {@code sendmsg(2)} with a {@code struct msghdr} that the caller laid out. */
  public static long trySendmsg(Fd socket, MemorySegment header, int flags) {
    return SystemCall.SENDMSG.call(socket.number(), header.address(), flags);
  }

  public static void setsockopt(Fd socket, int level, int option, int value) {
    try (var arena = Arena.ofConfined()) {
      setsockopt(socket, level, option, arena.allocateFrom(JAVA_INT, value));
    }
  }

  public static void setsockopt(Fd socket, int level, int option, MemorySegment value) {
    long result =
        SystemCall.SETSOCKOPT.call(
            socket.number(), level, option, value.address(), value.byteSize());
    Syscalls.check(result, "setsockopt " + level + "/" + option + " on " + socket);
  }

  /** Fills {@code value}; returns the length that the kernel wrote. */
  public static int getsockopt(Fd socket, int level, int option, MemorySegment value) {
    try (var arena = Arena.ofConfined()) {
      var length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
      long result =
          SystemCall.GETSOCKOPT.call(
              socket.number(), level, option, value.address(), length.address());
      Syscalls.check(result, "getsockopt " + level + "/" + option + " on " + socket);
      return length.get(JAVA_INT, 0);
    }
  }

  /** Who is at the other end of a connected unix socket ({@code SO_PEERCRED}). */
  public static PeerCredentials peerCredentials(Fd socket) {
    try (var arena = Arena.ofConfined()) {
      var ucred = arena.allocate(12, 4);
      getsockopt(socket, SOL_SOCKET, SO_PEERCRED, ucred);
      return new PeerCredentials(
          ucred.get(JAVA_INT, 0), ucred.get(JAVA_INT, 4), ucred.get(JAVA_INT, 8));
    }
  }

  /** {@code SO_NETNS_COOKIE}: the kernel's number for the socket's network namespace (5.14). */
  public static long netnsCookie(Fd socket) {
    try (var arena = Arena.ofConfined()) {
      var cookie = arena.allocate(JAVA_LONG);
      getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, cookie);
      return cookie.get(JAVA_LONG, 0);
    }
  }

  /** {@code struct ucred} of sys/socket.h. */
  public record PeerCredentials(int pid, int uid, int gid) {}
}
