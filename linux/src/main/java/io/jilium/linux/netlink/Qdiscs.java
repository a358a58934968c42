// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.util.Optional;

/**
 * Requests about queueing disciplines: {@code tc qdisc}. Only clsact is made here: it holds
 * filters, no packets.
 */
public final class Qdiscs {
  static final int CLSACT = 0xfffffff1;
  static final int KIND = 1;
  static final int STRUCT = 20;
  private static final int NEW = 36;
  private static final int DELETE = 37;
  private static final int GET = 38;
  private static final int CLSACT_HANDLE = 0xffff0000;

  private Qdiscs() {}

  /** {@code tc qdisc show} */
  public static Dump<Qdisc> all() {
    var message = header(GET, MessageWriter.REQUEST | MessageWriter.DUMP, 0, 0, 0, 0);
    return new Dump<>(
        "list qdiscs",
        message.finish(),
        answer -> answer.type() == NEW ? Optional.of(decode(answer)) : Optional.empty());
  }

  /** {@code tc qdisc show dev DEVICE} */
  public static Dump<Qdisc> of(int device) {
    return all().where(qdisc -> qdisc.device() == device);
  }

  /** {@code tc qdisc add dev DEVICE clsact}; unchanged if the device has it. */
  public static Change addClsact(int device) {
    int flags =
        MessageWriter.REQUEST | MessageWriter.ACK | MessageWriter.CREATE | MessageWriter.EXCLUSIVE;
    var message = header(NEW, flags, device, CLSACT_HANDLE, CLSACT, 0).text(KIND, "clsact");
    return new Change("add clsact to device " + device, message.finish(), Errno.EEXIST);
  }

  /**
   * {@code tc qdisc del dev DEVICE clsact}, with all of its filters, also those of others;
   * unchanged if absent.
   */
  public static Change deleteClsact(int device) {
    int flags = MessageWriter.REQUEST | MessageWriter.ACK;
    var message = header(DELETE, flags, device, 0, CLSACT, 0).text(KIND, "clsact");
    // EINVAL: where a clsact was, the kernel leaves a stand-in that does not match by kind.
    return new Change(
        "delete clsact of device " + device,
        message.finish(),
        Errno.ENOENT,
        Errno.ENODEV,
        Errno.EINVAL);
  }

  /** Writes struct tcmsg of linux/rtnetlink.h. */
  static MessageWriter header(
      int type, int flags, int device, int handle, int parent, int information) {
    return new MessageWriter(type, flags)
        .u8(Family.UNSPEC)
        .zeros(3)
        .u32(device)
        .u32(handle)
        .u32(parent)
        .u32(information);
  }

  private static Qdisc decode(Message message) {
    return new Qdisc(
        message.u32(4),
        message.attributes(STRUCT).text(KIND).orElse(""),
        message.u32(8),
        message.u32(12));
  }
}
