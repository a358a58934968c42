// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.net.InetAddress;
import java.util.Optional;

/** Requests about the forwarding tables of bridges and VXLAN devices: {@code bridge fdb}. */
public final class ForwardingTable {
  private static final int REMOTE = 1;
  private static final int MAC = 2;
  private static final int DEVICE = 8;
  private static final int FLAG_SELF = 2;
  private static final int FLAG_MASTER = 4;
  private static final int STATE_NOARP = 0x40;
  private static final int STATE_PERMANENT = 0x80;

  private ForwardingTable() {}

  /** {@code bridge fdb show dev DEVICE} */
  public static Dump<ForwardingEntry> of(int device) {
    var message =
        new MessageWriter(Neighbours.GET, MessageWriter.REQUEST | MessageWriter.DUMP)
            .u8(Family.BRIDGE)
            .zeros(Neighbours.STRUCT - 1)
            .u32(DEVICE, device);
    return new Dump<ForwardingEntry>(
            "list forwarding entries of device " + device,
            message.finish(),
            answer -> answer.type() == Neighbours.NEW ? decode(answer) : Optional.empty(),
            Errno.ENODEV)
        .where(entry -> entry.device() == device);
  }

  /** {@code bridge fdb replace MAC dev DEVICE dst REMOTE self permanent}, for a VXLAN device */
  public static Change replaceRemote(int device, MacAddress mac, InetAddress remote) {
    var message =
        header(
                Neighbours.NEW,
                MessageWriter.CREATE | MessageWriter.REPLACE,
                device,
                STATE_NOARP | STATE_PERMANENT,
                FLAG_SELF)
            .mac(MAC, mac)
            .address(REMOTE, remote);
    return new Change(
        "set forwarding of %s on device %d to %s".formatted(mac, device, IpBytes.text(remote)),
        message.finish());
  }

  /** {@code bridge fdb replace MAC dev PORT master static}, for a bridge's port */
  public static Change replacePort(int port, MacAddress mac) {
    var message =
        header(
                Neighbours.NEW,
                MessageWriter.CREATE | MessageWriter.REPLACE,
                port,
                STATE_NOARP,
                FLAG_MASTER)
            .mac(MAC, mac);
    return new Change("set forwarding of %s to port %d".formatted(mac, port), message.finish());
  }

  /** {@code bridge fdb del MAC dev DEVICE self}; unchanged if there is none. */
  public static Change delete(int device, MacAddress mac) {
    var message = header(Neighbours.DELETE, 0, device, 0, FLAG_SELF).mac(MAC, mac);
    return new Change(
        "delete forwarding of %s on device %d".formatted(mac, device),
        message.finish(),
        Errno.ENOENT,
        Errno.ENODEV);
  }

  private static Optional<ForwardingEntry> decode(Message message) {
    var attributes = message.attributes(Neighbours.STRUCT);
    return attributes
        .mac(MAC)
        .map(mac ->
            new ForwardingEntry(
                message.u32(4),
                mac,
                attributes.address(REMOTE),
                (message.u16(8) & STATE_PERMANENT) != 0));
  }

  private static MessageWriter header(int type, int flags, int device, int state, int entryFlags) {
    return new MessageWriter(type, MessageWriter.REQUEST | MessageWriter.ACK | flags)
        .u8(Family.BRIDGE)
        .zeros(3)
        .u32(device)
        .u16(state)
        .u8(entryFlags)
        .u8(0);
  }
}
