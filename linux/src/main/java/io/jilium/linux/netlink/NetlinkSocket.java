// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Asks the kernel about one network namespace, the one it was opened in, whichever thread uses it
 * later. What is asked is made by the nouns:
 *
 * <pre>{@code
 * try (var kernel = NetlinkSocket.open(netns)) {
 *   kernel.apply(Links.set("lo", LinkSettings.none().up()));
 *   for (Link link : kernel.list(Links.all())) { … }
 * }
 * }</pre>
 *
 * Safe for use by several threads; one request (or list of changes) is under way at a time. The
 * kernel works on a request within the send, so that no call waits for anything but the kernel's
 * own locks.
 */
public final class NetlinkSocket implements AutoCloseable {
  static final int ROUTE = 0;
  static final int SOCK_DIAG = 4;
  private static final int EXT_ACK = 11;
  private static final int CAP_ACK = 10;
  private static final int GET_STRICT_CHK = 12;
  private static final int TIMEOUT_SECONDS = 30;

  /** The kernel fills at most this much of one dump datagram. */
  private static final int RECEIVE_BYTES = 32 << 10;

  /** Acknowledgements of so many changes fit the default receive buffer. */
  private static final int BATCH_CHANGES = 64;

  private static final int BATCH_BYTES = 64 << 10;
  private static final int DUMP_ATTEMPTS = 20;

  private final Fd fd;
  private final ReentrantLock lock = new ReentrantLock();
  private int sequence;

  private NetlinkSocket(Fd fd) {
    this.fd = fd;
  }

  /** Opens a socket in the calling OS thread's network namespace. */
  public static NetlinkSocket open() {
    return open(ROUTE);
  }

  public static NetlinkSocket open(Netns netns) {
    return netns.run(NetlinkSocket::open);
  }

  static NetlinkSocket open(int protocol) {
    var fd = Sockets.socket(Sockets.AF_NETLINK, Sockets.SOCK_RAW, protocol);
    try (var arena = Arena.ofConfined()) {
      Sockets.setsockopt(fd, Sockets.SOL_NETLINK, EXT_ACK, 1);
      Sockets.setsockopt(fd, Sockets.SOL_NETLINK, CAP_ACK, 1);
      if (protocol == ROUTE) {
        Sockets.setsockopt(fd, Sockets.SOL_NETLINK, GET_STRICT_CHK, 1);
      }
      var timeout = arena.allocateFrom(ValueLayout.JAVA_LONG, TIMEOUT_SECONDS, 0);
      Sockets.setsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVTIMEO, timeout);
      Sockets.bind(fd, address(arena));
      return new NetlinkSocket(fd);
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** A struct sockaddr_nl (linux/netlink.h): the kernel chooses the port, no groups. */
  static MemorySegment address(Arena arena) {
    var address = arena.allocate(12, 4);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_NETLINK);
    return address;
  }

  /**
   * Performs a change.
   *
   * @return false if the kernel was in the wanted state already
   */
  public boolean apply(Change change) {
    return apply(List.of(change)).getFirst();
  }

  /**
   * Performs changes in their order, with one system call for many of them. All are tried, also
   * after one that fails; then the first failure is thrown with the others as suppressed.
   *
   * @return for each whether it changed anything
   */
  public List<Boolean> apply(List<Change> changes) {
    lock.lock();
    try {
      var changed = new ArrayList<Boolean>(changes.size());
      var failures = new ArrayList<NetlinkException>();
      int done = 0;
      while (done < changes.size()) {
        int end = batchEnd(changes, done);
        applyBatch(changes.subList(done, end), changed, failures);
        done = end;
      }
      if (!failures.isEmpty()) {
        var first = failures.getFirst();
        failures.stream().skip(1).forEach(first::addSuppressed);
        throw first;
      }
      return changed;
    } finally {
      lock.unlock();
    }
  }

  /** Looks one object up. */
  public <T> Optional<T> find(Lookup<T> lookup) {
    lock.lock();
    try {
      send(lookup.toString(), List.of(lookup.message()));
      while (true) {
        for (Message answer : receive(lookup.toString())) {
          if (answer.sequence() != sequence) {
            continue;
          }
          if (answer.type() != Message.ERROR) {
            return Optional.of(lookup.decode(answer));
          }
          var errno = new Errno(answer.errno());
          if (lookup.meansAbsent(errno)) {
            return Optional.empty();
          }
          throw NetlinkException.of(lookup.toString(), errno, answer.kernelText());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lists all objects of a kind, as they were at one moment: an interrupted dump is repeated. */
  public <T> List<T> list(Dump<T> dump) {
    lock.lock();
    try {
      for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
        var objects = new ArrayList<T>();
        send(dump.toString(), List.of(dump.message()));
        if (receiveDump(dump, objects)) {
          return objects;
        }
      }
      throw NetlinkException.of(
          dump.toString(), Errno.EAGAIN, "changed during each of " + DUMP_ATTEMPTS + " dumps");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    fd.close();
  }

  private static int batchEnd(List<Change> changes, int from) {
    int bytes = 0;
    int end = from;
    while (end < changes.size() && end - from < BATCH_CHANGES) {
      bytes += changes.get(end).message().length;
      if (bytes > BATCH_BYTES && end > from) {
        break;
      }
      end++;
    }
    return end;
  }

  private void applyBatch(
      List<Change> changes, List<Boolean> changed, List<NetlinkException> failures) {
    int first = sequence + 1;
    var operation = changes.getFirst().toString();
    send(operation, changes.stream().map(Change::message).toList());
    int acknowledged = 0;
    while (acknowledged < changes.size()) {
      for (Message answer : receive(operation)) {
        if (answer.sequence() != first + acknowledged || answer.type() != Message.ERROR) {
          continue;
        }
        var change = changes.get(acknowledged++);
        var errno = new Errno(answer.errno());
        changed.add(errno.number() == 0);
        if (errno.number() != 0 && !change.meansUnchanged(errno)) {
          failures.add(NetlinkException.of(change.toString(), errno, answer.kernelText()));
        }
      }
    }
  }

  /** Sends messages in one datagram; the last one's sequence number is then {@link #sequence}. */
  private void send(String operation, List<byte[]> messages) {
    int size = messages.stream().mapToInt(m -> m.length).sum();
    try (var arena = Arena.ofConfined()) {
      var datagram = arena.allocate(size, 4);
      int offset = 0;
      for (byte[] message : messages) {
        MemorySegment.copy(message, 0, datagram, JAVA_BYTE, offset, message.length);
        datagram.set(ValueLayout.JAVA_INT, offset + 8L, ++sequence);
        offset += message.length;
      }
      Sockets.send(fd, datagram, 0);
    } catch (LinuxException e) {
      throw NetlinkException.of(operation, e.errno(), "netlink send of " + size + " bytes");
    }
  }

  private List<Message> receive(String operation) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(RECEIVE_BYTES, 8);
      while (true) {
        long size = Sockets.tryRecv(fd, buffer, Sockets.MSG_TRUNC);
        if (size >= 0 && size <= RECEIVE_BYTES) {
          return Message.split(buffer.asSlice(0, size).toArray(JAVA_BYTE));
        }
        if (size > RECEIVE_BYTES) {
          throw NetlinkException.of(operation, Errno.EMSGSIZE, "answer of " + size + " bytes");
        }
        var errno = new Errno((int) -size);
        if (errno.equals(Errno.EAGAIN)) {
          throw NetlinkException.of(
              operation, Errno.ETIMEDOUT, "no answer in " + TIMEOUT_SECONDS + " s");
        }
        if (!errno.equals(Errno.EINTR)) {
          throw NetlinkException.of(operation, errno, "netlink receive");
        }
      }
    }
  }

  /** Collects the objects of the dump under way; false if it was interrupted by a change. */
  private <T> boolean receiveDump(Dump<T> dump, List<T> objects) {
    boolean interrupted = false;
    while (true) {
      for (Message answer : receive(dump.toString())) {
        if (answer.sequence() != sequence) {
          continue;
        }
        interrupted |= (answer.flags() & Message.FLAG_DUMP_INTERRUPTED) != 0;
        if (answer.type() != Message.DONE && answer.type() != Message.ERROR) {
          dump.decode(answer).ifPresent(objects::add);
          continue;
        }
        var errno = new Errno(answer.errno());
        if (errno.number() != 0 && !dump.meansEmpty(errno)) {
          throw NetlinkException.of(dump.toString(), errno, answer.kernelText());
        }
        return !interrupted;
      }
    }
  }
}
