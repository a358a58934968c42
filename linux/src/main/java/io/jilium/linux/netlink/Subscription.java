// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sockets;
import io.jilium.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells what changes in one network namespace, from the moment it is opened: {@code ip monitor}.
 */
public final class Subscription implements AutoCloseable {
  private static final int ADD_MEMBERSHIP = 1;
  private static final int BUFFER_BYTES = 4 << 20;
  private static final int DATAGRAM_BYTES = 32 << 10;

  private final Fd fd;
  private final Fd wake;
  private final ReentrantLock lock = new ReentrantLock();

  private Subscription(Fd fd, Fd wake) {
    this.fd = fd;
    this.wake = wake;
  }

  /** What can be subscribed to: rtnetlink_groups of linux/rtnetlink.h. */
  public enum Topic {
    LINKS(1, 1),
    NEIGHBOURS(3, 3),
    ADDRESSES(5, 9),
    ROUTES(7, 11);

    private final int group;
    private final int groupIpv6;

    Topic(int group, int groupIpv6) {
      this.group = group;
      this.groupIpv6 = groupIpv6;
    }
  }

  /** Opens it for the calling OS thread's network namespace. */
  public static Subscription open(Set<Topic> topics) {
    return open(topics, BUFFER_BYTES);
  }

  public static Subscription open(Netns netns, Set<Topic> topics) {
    return netns.run(() -> open(topics));
  }

  static Subscription open(Set<Topic> topics, int bufferBytes) {
    var fd =
        Sockets.socket(
            Sockets.AF_NETLINK, Sockets.SOCK_RAW | Sockets.SOCK_NONBLOCK, NetlinkSocket.ROUTE);
    try (var arena = Arena.ofConfined()) {
      Sockets.setsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, bufferBytes);
      Sockets.bind(fd, NetlinkSocket.address(arena));
      for (var topic : topics) {
        Sockets.setsockopt(fd, Sockets.SOL_NETLINK, ADD_MEMBERSHIP, topic.group);
        Sockets.setsockopt(fd, Sockets.SOL_NETLINK, ADD_MEMBERSHIP, topic.groupIpv6);
      }
      return new Subscription(fd, Syscalls.eventfd());
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /**
   * Waits for events and returns all that are there; none after the timeout, or when closed. Blocks
   * its OS thread.
   *
   * @throws IllegalStateException if closed before
   */
  public List<NetlinkEvent> await(Duration timeout) {
    lock.lock();
    try {
      var events = new ArrayList<NetlinkEvent>();
      long ready = Syscalls.ppoll(List.of(fd, wake), timeout);
      if ((ready & 1) != 0) {
        drain(events);
      }
      return events;
    } finally {
      lock.unlock();
    }
  }

  /** Ends an {@link #await} under way on another thread. */
  @Override
  public void close() {
    if (!fd.isOpen()) {
      return;
    }
    try (var arena = Arena.ofConfined()) {
      Syscalls.write(wake, arena.allocateFrom(JAVA_LONG, 1));
    }
    lock.lock();
    try {
      fd.close();
      wake.close();
    } finally {
      lock.unlock();
    }
  }

  private void drain(List<NetlinkEvent> events) {
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(DATAGRAM_BYTES, 8);
      while (true) {
        long size = Sockets.tryRecv(fd, buffer, Sockets.MSG_DONTWAIT | Sockets.MSG_TRUNC);
        if (size == -Errno.EAGAIN.number()) {
          return;
        }
        if (size == -Errno.EINTR.number()) {
          continue;
        }
        if (size == -Errno.ENOBUFS.number() || size > DATAGRAM_BYTES) {
          events.add(new NetlinkEvent.Resync());
          continue;
        }
        Syscalls.check(size, "receive netlink events");
        for (Message message : Message.split(buffer.asSlice(0, size).toArray(JAVA_BYTE))) {
          event(message).ifPresent(events::add);
        }
      }
    }
  }

  private static Optional<NetlinkEvent> event(Message message) {
    return switch (message.type()) {
      case Links.NEW, Links.DELETE -> link(message);
      case Addresses.NEW -> Optional.of(new NetlinkEvent.AddressChanged(Addresses.decode(message)));
      case Addresses.DELETE ->
          Optional.of(new NetlinkEvent.AddressRemoved(Addresses.decode(message)));
      case Routes.NEW -> Optional.of(new NetlinkEvent.RouteChanged(Routes.decode(message)));
      case Routes.DELETE -> Optional.of(new NetlinkEvent.RouteRemoved(Routes.decode(message)));
      case Neighbours.NEW, Neighbours.DELETE -> neighbour(message);
      default -> Optional.empty();
    };
  }

  private static Optional<NetlinkEvent> link(Message message) {
    if (message.u8(0) != Family.UNSPEC) {
      return Optional
          .empty(); // A bridge's view of its port: DELETE there means that it left the bridge.
    }
    var link = Links.decode(message);
    return Optional.of(
        message.type() == Links.NEW
            ? new NetlinkEvent.LinkChanged(link)
            : new NetlinkEvent.LinkRemoved(link));
  }

  private static Optional<NetlinkEvent> neighbour(Message message) {
    if (!Neighbours.isIp(message)) {
      return Optional.empty();
    }
    var neighbour = Neighbours.decode(message);
    return Optional.of(
        message.type() == Neighbours.NEW
            ? new NetlinkEvent.NeighbourChanged(neighbour)
            : new NetlinkEvent.NeighbourRemoved(neighbour));
  }
}
