// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Asks which sockets are open in one network namespace: {@code ss}. */
public final class SocketDiagnosis implements AutoCloseable {
  private static final int BY_FAMILY = 20;
  private static final int SHOW_INFO = 1;
  private static final int INFO = 0;
  private static final int STRUCT = 16;
  private static final int DESTROY = 21;
  private static final int UDP = 17;
  private static final int CONNECTED = 1 << 1; // TCP_ESTABLISHED of net/tcp_states.h
  private static final int ID = 4; // struct inet_diag_sockid in struct inet_diag_msg
  private static final int ADDRESS_BYTES = 16;

  private final NetlinkSocket socket;

  private SocketDiagnosis(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens it for the calling OS thread's network namespace. */
  public static SocketDiagnosis open() {
    return new SocketDiagnosis(NetlinkSocket.open(NetlinkSocket.SOCK_DIAG));
  }

  public static SocketDiagnosis open(Netns netns) {
    return netns.run(SocketDiagnosis::open);
  }

  /** {@code ss --packet}: tells whether somebody captures on a device. */
  public List<PacketSocket> packetSockets() {
    var message =
        new MessageWriter(BY_FAMILY, MessageWriter.REQUEST | MessageWriter.DUMP)
            .u8(Family.PACKET)
            .u8(0)
            .u16(0)
            .u32(0)
            .u32(SHOW_INFO)
            .u32(0)
            .u32(0);
    return socket.list(
        new Dump<>(
            "list packet sockets",
            message.finish(),
            answer -> answer.type() == BY_FAMILY ? Optional.of(decode(answer)) : Optional.empty()));
  }

  /** The UDP sockets of both families that are connected. */
  public List<UdpSocket> connectedUdp() {
    var all = new ArrayList<UdpSocket>();
    for (var family : Family.values()) {
      var message =
          inetRequest(BY_FAMILY, MessageWriter.DUMP, family, CONNECTED).zeros(2 * 2 + 2 * 16 + 12);
      all.addAll(
          socket.list(
              new Dump<>(
                  "list connected UDP sockets",
                  message.finish(),
                  answer ->
                      answer.type() == BY_FAMILY ? Optional.of(udp(answer)) : Optional.empty())));
    }
    return all;
  }

  /** Struct inet_diag_req_v2 of linux/inet_diag.h up to its struct inet_diag_sockid. */
  private static MessageWriter inetRequest(int type, int flags, Family family, int states) {
    return new MessageWriter(type, MessageWriter.REQUEST | flags)
        .u8(family.number())
        .u8(UDP)
        .u8(0)
        .u8(0)
        .u32(states);
  }

  /** Reads struct inet_diag_msg. */
  private static UdpSocket udp(Message answer) {
    int addresses = ID + 4;
    int device = addresses + 2 * ADDRESS_BYTES;
    int length = answer.u8(0) == Family.IPV4.number() ? 4 : ADDRESS_BYTES;
    return new UdpSocket(
        IpBytes.address(answer.bytes(addresses, length)),
        port(answer, ID),
        IpBytes.address(answer.bytes(addresses + ADDRESS_BYTES, length)),
        port(answer, ID + 2),
        answer.u32(device),
        Integer.toUnsignedLong(answer.u32(device + 4)) | (long) answer.u32(device + 8) << 32);
  }

  private static int port(Message answer, int offset) {
    return answer.u8(offset) << 8 | answer.u8(offset + 1);
  }

  /**
   * {@code ss --kill}: whoever waits for the socket or uses it next gets ECONNABORTED, and it is
   * connected to nobody any more.
   *
   * @return false if there is no such socket any more
   */
  public boolean abort(UdpSocket udp) {
    var message =
        inetRequest(DESTROY, MessageWriter.ACK, Family.of(udp.local()), 0)
            .u8(udp.localPort() >> 8)
            .u8(udp.localPort())
            .u8(udp.remotePort() >> 8)
            .u8(udp.remotePort());
    for (var address : List.of(udp.local(), udp.remote())) {
      message.bytes(Arrays.copyOf(address.getAddress(), ADDRESS_BYTES));
    }
    message.u32(udp.device()).u32((int) udp.cookie()).u32((int) (udp.cookie() >> 32));
    return socket.apply(new Change("abort " + udp, message.finish(), Errno.ENOENT));
  }

  /**
   * Whether this kernel lets sockets be aborted, found out by aborting one of our own.
   *
   * @return why not; empty if it does
   */
  public static Optional<String> whyNoAborts() {
    try (var diagnosis = open();
        var channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
      channel.bind(null);
      int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      var any = InetAddress.ofLiteral("0.0.0.0");
      boolean found = diagnosis.abort(new UdpSocket(any, port, any, 0, 0, UdpSocket.ANY_COOKIE));
      return found
          ? Optional.empty()
          : Optional.of("the kernel does not find UDP sockets (CONFIG_INET_UDP_DIAG)");
    } catch (NetlinkException e) {
      return Optional.of(
          e.errno().equals(Errno.EOPNOTSUPP)
              ? "the kernel does not abort sockets (CONFIG_INET_DIAG_DESTROY)"
              : String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return Optional.of("no UDP socket: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    socket.close();
  }

  /** Reads struct packet_diag_msg and, as attribute, packet_diag_info, of linux/packet_diag.h. */
  private static PacketSocket decode(Message message) {
    int device = message.attributes(STRUCT).u32(INFO, 0);
    return new PacketSocket(device, message.u16(2), message.u32(4));
  }
}
