// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** Requests about routes: {@code ip route}. */
public final class Routes {
  static final int NEW = 24;
  static final int DELETE = 25;
  private static final int GET = 26;
  private static final int DESTINATION = 1;
  private static final int DEVICE = 4;
  private static final int GATEWAY = 5;
  private static final int PRIORITY = 6;
  private static final int SOURCE = 7;
  private static final int METRICS = 8;
  private static final int TABLE = 15;
  private static final int MARK = 16;
  private static final int VIA = 18;
  private static final int METRIC_MTU = 2;
  private static final int STRUCT = 12;
  private static final int FLAG_CLONED = 0x200;
  private static final int FLAG_ONLINK = 4;
  private static final int FLAG_LOOKUP_TABLE = 0x1000;

  private Routes() {}

  /** {@code ip -4|-6 route show table all} */
  public static Dump<Route> all(Family family) {
    return dump(family, 0);
  }

  /** {@code ip -4|-6 route show table TABLE}; nothing if there is no such table. */
  public static Dump<Route> table(Family family, int table) {
    return dump(family, table);
  }

  /**
   * {@code ip route add ROUTE}; unchanged if the destination has a route of that priority, even
   * another one.
   */
  public static Change add(Route route) {
    return change("add", route, NEW, MessageWriter.CREATE | MessageWriter.EXCLUSIVE, Errno.EEXIST);
  }

  /**
   * {@code ip route replace ROUTE}: takes the place of the route of the same destination, table and
   * priority.
   */
  public static Change replace(Route route) {
    return change("replace", route, NEW, MessageWriter.CREATE | MessageWriter.REPLACE);
  }

  /** {@code ip route del ROUTE}: deletes just this one; unchanged if there is none. */
  public static Change delete(Route route) {
    return change("delete", route, DELETE, 0, Errno.ESRCH, Errno.ENODEV, Errno.ENOENT);
  }

  /**
   * {@code ip route get ADDRESS}: the way a packet of this node would take; empty if there is none.
   */
  public static Lookup<Route> toward(InetAddress address) {
    return toward(address, 0);
  }

  /** {@code ip route get ADDRESS mark MARK} */
  public static Lookup<Route> toward(InetAddress address, int mark) {
    var message =
        new MessageWriter(GET, MessageWriter.REQUEST)
            .u8(Family.of(address).number())
            .u8(8 * address.getAddress().length)
            .zeros(6)
            .u32(Family.of(address) == Family.IPV4 ? FLAG_LOOKUP_TABLE : 0)
            .address(DESTINATION, address);
    if (mark != 0) {
      message.u32(MARK, mark);
    }
    return new Lookup<>(
        "get route to " + IpBytes.text(address),
        message.finish(),
        Routes::decode,
        Errno.ENETUNREACH,
        Errno.EHOSTUNREACH);
  }

  static Route decode(Message message) {
    var attributes = message.attributes(STRUCT);
    var family = message.u8(0) == Family.IPV4.number() ? Family.IPV4 : Family.IPV6;
    var type = Route.Type.of(message.u8(7));
    // IPv6 puts the loopback device into routes that lead nowhere.
    var device = type.hasNextHop() ? attributes.u32(DEVICE) : OptionalInt.empty();
    var address = attributes.address(DESTINATION).orElse(Prefix.all(family).address());
    return new Route(
        new Prefix(address, message.u8(1)),
        device,
        attributes.address(GATEWAY).or(() -> attributes.bytes(VIA).map(Routes::readVia)),
        attributes.address(SOURCE),
        attributes.u32(TABLE, message.u8(4)),
        Scope.of(message.u8(6)),
        message.u8(5),
        type,
        attributes.nested(METRICS).u32(METRIC_MTU),
        attributes.u32(PRIORITY, 0),
        (message.u32(8) & FLAG_ONLINK) != 0);
  }

  private static Dump<Route> dump(Family family, int table) {
    var message =
        new MessageWriter(GET, MessageWriter.REQUEST | MessageWriter.DUMP)
            .u8(family.number())
            .zeros(STRUCT - 1);
    if (table != 0) {
      message.u32(TABLE, table);
    }
    var what = "list %s routes%s".formatted(family, table == 0 ? "" : " of table " + table);
    return new Dump<Route>(
            what,
            message.finish(),
            answer ->
                answer.type() == NEW && (answer.u32(8) & FLAG_CLONED) == 0
                    ? Optional.of(decode(answer))
                    : Optional.empty(),
            Errno.ENOENT)
        .where(route -> table == 0 || route.table() == table);
  }

  private static Change change(String verb, Route route, int type, int flags, Errno... unchanged) {
    var destination = route.destination();
    var message =
        new MessageWriter(type, MessageWriter.REQUEST | MessageWriter.ACK | flags)
            .u8(destination.family().number())
            .u8(destination.length())
            .u8(0)
            .u8(0)
            .u8(Integer.toUnsignedLong(route.table()) > 255 ? 0 : route.table())
            .u8(route.protocol())
            .u8(route.scope().number())
            .u8(route.type().number())
            .u32(route.onlink() ? FLAG_ONLINK : 0)
            .u32(TABLE, route.table());
    if (destination.length() > 0) {
      message.address(DESTINATION, destination.address());
    }
    route.device().ifPresent(device -> message.u32(DEVICE, device));
    route
        .gateway()
        .ifPresent(gateway -> {
          if (Family.of(gateway) == destination.family()) {
            message.address(GATEWAY, gateway);
          } else {
            message.attribute(VIA, via(gateway));
          }
        });
    route.source().ifPresent(source -> message.address(SOURCE, source));
    if (route.priority() != 0) {
      message.u32(PRIORITY, route.priority());
    }
    route
        .mtu()
        .ifPresent(mtu -> {
          int metrics = message.begin(METRICS);
          message.u32(METRIC_MTU, mtu).end(metrics);
        });
    return new Change(verb + " route " + route, message.finish(), unchanged);
  }

  /** A struct rtvia of linux/rtnetlink.h: family and address. */
  private static byte[] via(InetAddress gateway) {
    var address = gateway.getAddress();
    var via = new byte[2 + address.length];
    ByteBuffer.wrap(via)
        .order(ByteOrder.nativeOrder())
        .putShort((short) Family.of(gateway).number())
        .put(address);
    return via;
  }

  private static InetAddress readVia(byte[] via) {
    return IpBytes.address(Arrays.copyOfRange(via, 2, via.length));
  }
}
