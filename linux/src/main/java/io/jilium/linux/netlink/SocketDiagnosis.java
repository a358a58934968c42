// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Netns;
import java.util.List;
import java.util.Optional;

/** Asks which sockets are open in one network namespace: {@code ss}. */
public final class SocketDiagnosis implements AutoCloseable {
  private static final int BY_FAMILY = 20;
  private static final int SHOW_INFO = 1;
  private static final int INFO = 0;
  private static final int STRUCT = 16;

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
