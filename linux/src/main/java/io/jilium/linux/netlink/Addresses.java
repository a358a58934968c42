// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.Optional;

/** Requests about the addresses of devices: {@code ip addr}. */
public final class Addresses {
  static final int NEW = 20;
  static final int DELETE = 21;
  private static final int GET = 22;
  private static final int ADDRESS = 1;
  private static final int LOCAL = 2;
  private static final int LABEL = 3;
  private static final int FLAGS = 8;
  private static final int STRUCT = 8;

  private Addresses() {}

  /** {@code ip addr show} */
  public static Dump<Address> all() {
    return dump("list addresses", 0);
  }

  /** {@code ip addr show dev DEVICE} */
  public static Dump<Address> of(int device) {
    return dump("list addresses of device " + device, device);
  }

  /** {@code ip addr add PREFIX dev DEVICE}; unchanged if the device has it. */
  public static Change add(Address address) {
    return change(
        "add", address, NEW, MessageWriter.CREATE | MessageWriter.EXCLUSIVE, Errno.EEXIST);
  }

  /** {@code ip addr replace PREFIX dev DEVICE} */
  public static Change replace(Address address) {
    return change("replace", address, NEW, MessageWriter.CREATE | MessageWriter.REPLACE);
  }

  /**
   * {@code ip addr del PREFIX dev DEVICE}; unchanged if the device does not have it, or is gone.
   */
  public static Change delete(Address address) {
    return change("delete", address, DELETE, 0, Errno.EADDRNOTAVAIL, Errno.ENODEV);
  }

  static Address decode(Message message) {
    var attributes = message.attributes(STRUCT);
    InetAddress address =
        attributes
            .address(LOCAL)
            .or(() -> attributes.address(ADDRESS))
            .orElseThrow(() -> new IllegalStateException("address message without address"));
    int bits = attributes.u32(FLAGS, message.u8(2));
    var flags = EnumSet.noneOf(Address.Flag.class);
    for (var flag : Address.Flag.values()) {
      if ((bits & flag.bit()) != 0) {
        flags.add(flag);
      }
    }
    return new Address(
        message.u32(4),
        new Prefix(address, message.u8(1)),
        Scope.of(message.u8(3)),
        flags,
        attributes.text(LABEL).orElse(""));
  }

  private static Dump<Address> dump(String operation, int device) {
    var message =
        new MessageWriter(GET, MessageWriter.REQUEST | MessageWriter.DUMP)
            .u8(Family.UNSPEC)
            .zeros(3)
            .u32(device);
    return new Dump<Address>(
            operation,
            message.finish(),
            answer -> answer.type() == NEW ? Optional.of(decode(answer)) : Optional.empty(),
            Errno.ENODEV)
        .where(address -> device == 0 || address.device() == device);
  }

  private static Change change(
      String verb, Address address, int type, int flags, Errno... unchanged) {
    int bits = 0;
    for (var flag : address.flags()) {
      bits |= flag.bit();
    }
    var message =
        new MessageWriter(type, MessageWriter.REQUEST | MessageWriter.ACK | flags)
            .u8(address.prefix().family().number())
            .u8(address.prefix().length())
            .u8(bits)
            .u8(address.scope().number())
            .u32(address.device())
            .address(LOCAL, address.prefix().address())
            .address(ADDRESS, address.prefix().address());
    if (bits > 0xff) {
      message.u32(FLAGS, bits);
    }
    if (!address.label().isEmpty()) {
      message.text(LABEL, address.label());
    }
    var operation =
        "%s address %s on device %d".formatted(verb, address.prefix(), address.device());
    return new Change(operation, message.finish(), unchanged);
  }
}
