// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.net.InetAddress;
import java.util.Optional;

/** Requests about neighbours (ARP and neighbour discovery): {@code ip neigh}. */
public final class Neighbours {
  static final int NEW = 28;
  static final int DELETE = 29;
  static final int GET = 30;
  static final int STRUCT = 12;
  private static final int ADDRESS = 1;
  private static final int MAC = 2;
  private static final int DEVICE = 8;
  private static final int EXTENDED_FLAGS = 15;
  private static final int EXTENDED_MANAGED = 1;

  private Neighbours() {}

  /** {@code ip -4|-6 neigh show} */
  public static Dump<Neighbour> all(Family family) {
    return dump(family, 0);
  }

  /** {@code ip -4|-6 neigh show dev DEVICE} */
  public static Dump<Neighbour> of(Family family, int device) {
    return dump(family, device);
  }

  /** {@code ip neigh replace …}: adds or changes. */
  public static Change replace(Neighbour neighbour) {
    var message =
        header(
            NEW,
            MessageWriter.CREATE | MessageWriter.REPLACE,
            neighbour.device(),
            neighbour.address(),
            neighbour.state().bit());
    neighbour.mac().ifPresent(mac -> message.mac(MAC, mac));
    if (neighbour.managed()) {
      message.u32(EXTENDED_FLAGS, EXTENDED_MANAGED);
    }
    return new Change(
        "set neighbour %s on device %d"
            .formatted(IpBytes.text(neighbour.address()), neighbour.device()),
        message.finish());
  }

  /** {@code ip neigh del ADDRESS dev DEVICE}; unchanged if there is none. */
  public static Change delete(int device, InetAddress address) {
    return new Change(
        "delete neighbour %s on device %d".formatted(IpBytes.text(address), device),
        header(DELETE, 0, device, address, 0).finish(),
        Errno.ENOENT,
        Errno.ENODEV);
  }

  static Neighbour decode(Message message) {
    var attributes = message.attributes(STRUCT);
    return new Neighbour(
        message.u32(4),
        attributes
            .address(ADDRESS)
            .orElseThrow(() -> new IllegalStateException("neighbour message without address")),
        attributes.mac(MAC),
        Neighbour.State.of(message.u16(8)),
        (attributes.u32(EXTENDED_FLAGS, 0) & EXTENDED_MANAGED) != 0);
  }

  /**
   * Whether the message is about an IP neighbour: bridges report their table by the same message.
   */
  static boolean isIp(Message message) {
    return message.u8(0) == Family.IPV4.number() || message.u8(0) == Family.IPV6.number();
  }

  private static Dump<Neighbour> dump(Family family, int device) {
    var message =
        new MessageWriter(GET, MessageWriter.REQUEST | MessageWriter.DUMP)
            .u8(family.number())
            .zeros(STRUCT - 1);
    if (device != 0) {
      message.u32(DEVICE, device);
    }
    var what = "list %s neighbours%s".formatted(family, device == 0 ? "" : " of device " + device);
    return new Dump<Neighbour>(
            what,
            message.finish(),
            answer ->
                answer.type() == NEW && isIp(answer)
                    ? Optional.of(decode(answer))
                    : Optional.empty(),
            Errno.ENODEV)
        .where(neighbour -> device == 0 || neighbour.device() == device);
  }

  /** Writes struct ndmsg of linux/neighbour.h. */
  private static MessageWriter header(
      int type, int flags, int device, InetAddress address, int state) {
    return new MessageWriter(type, MessageWriter.REQUEST | MessageWriter.ACK | flags)
        .u8(Family.of(address).number())
        .zeros(3)
        .u32(device)
        .u16(state)
        .u8(0)
        .u8(0)
        .address(ADDRESS, address);
  }
}
