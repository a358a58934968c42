// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.jilium.agent.state.HealthReport.Probe;
import io.jilium.core.model.IpAddress;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Sockets;
import io.jilium.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * One echo request and its reply over a raw socket: datagram ICMP sockets depend on
 * net.ipv4.ping_group_range, which is closed by default.
 */
final class IcmpProbe {
  private static final int PROTOCOL_ICMP = 1;
  private static final int PROTOCOL_ICMPV6 = 58;
  private static final int REQUEST_V4 = 8;
  private static final int REPLY_V4 = 0;
  private static final int REQUEST_V6 = 128;
  private static final int REPLY_V6 = 129;
  private static final int HEADER = 8;
  private static final int PAYLOAD = 24;

  private IcmpProbe() {}

  /** identifier tells our reply from those of other processes. Blocks its OS thread. */
  static Probe run(IpAddress address, int identifier, int sequence, Duration timeout) {
    boolean v4 = address.isV4();
    long start = System.nanoTime();
    try (var socket =
            Sockets.socket(
                v4 ? Sockets.AF_INET : Sockets.AF_INET6,
                Sockets.SOCK_RAW | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC,
                v4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
        var arena = Arena.ofConfined()) {
      Sockets.connect(socket, socketAddress(arena, address));
      var request = echoRequest(v4, identifier, sequence);
      Sockets.send(socket, arena.allocateFrom(JAVA_BYTE, request), 0);
      return awaitReply(socket, arena, v4, identifier, sequence, start, timeout);
    } catch (LinuxException e) {
      return new Probe.Failed(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The ICMP message; over IPv6 the kernel fills the checksum, which covers addresses it chooses.
   */
  static byte[] echoRequest(boolean v4, int identifier, int sequence) {
    var message = ByteBuffer.allocate(HEADER + PAYLOAD);
    message.put((byte) (v4 ? REQUEST_V4 : REQUEST_V6)).put((byte) 0).putShort((short) 0);
    message.putShort((short) identifier).putShort((short) sequence);
    for (int i = 0; i < PAYLOAD; i++) {
      message.put((byte) ('a' + i));
    }
    if (v4) {
      message.putShort(2, checksum(message.array()));
    }
    return message.array();
  }

  /** RFC 1071. */
  static short checksum(byte[] data) {
    int sum = 0;
    for (int i = 0; i < data.length; i += 2) {
      int low = i + 1 < data.length ? data[i + 1] & 0xff : 0;
      sum += (data[i] & 0xff) << 8 | low;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }

  /**
   * Whether the datagram that a raw socket received (IPv4: with the IP header) is the reply to this
   * request.
   */
  static boolean isReply(ByteBuffer datagram, boolean v4, int identifier, int sequence) {
    int offset = v4 && datagram.limit() > 0 ? (datagram.get(0) & 0xf) * 4 : 0;
    if (datagram.limit() < offset + HEADER) {
      return false;
    }
    return (datagram.get(offset) & 0xff) == (v4 ? REPLY_V4 : REPLY_V6)
        && datagram.getShort(offset + 4) == (short) identifier
        && datagram.getShort(offset + 6) == (short) sequence;
  }

  private static Probe awaitReply(
      Fd socket,
      Arena arena,
      boolean v4,
      int identifier,
      int sequence,
      long start,
      Duration timeout) {
    var buffer = arena.allocate(2048);
    while (true) {
      var left = timeout.minusNanos(System.nanoTime() - start);
      if (left.isNegative() || Syscalls.ppoll(List.of(socket), left) == 0) {
        return new Probe.Failed("no answer in " + timeout.toMillis() + " ms");
      }
      long size = Sockets.tryRecv(socket, buffer, Sockets.MSG_DONTWAIT);
      if (size < 0 && size != -11 && size != -4) {
        return new Probe.Failed("receive: errno " + -size);
      }
      if (size > 0 && isReply(buffer.asSlice(0, size).asByteBuffer(), v4, identifier, sequence)) {
        return new Probe.Answered(Duration.ofNanos(System.nanoTime() - start));
      }
    }
  }

  /** struct sockaddr_in or sockaddr_in6. */
  private static MemorySegment socketAddress(Arena arena, IpAddress address) {
    var segment = arena.allocate(address.isV4() ? 16 : 28, 4);
    segment.set(JAVA_SHORT, 0, (short) (address.isV4() ? Sockets.AF_INET : Sockets.AF_INET6));
    var bytes = MemorySegment.ofArray(address.bytes());
    segment.asSlice(address.isV4() ? 4 : 8, bytes.byteSize()).copyFrom(bytes);
    return segment;
  }
}
