// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A route. One that is made here has the values which the kernel would fill in, so that it equals
 * the same route when it is listed: {@code
 * Route.to(prefix).via(gateway).device(3).source(router).mtu(1450)}.
 *
 * @param protocol who made it, RTPROT_* of linux/rtnetlink.h
 * @param mtu largest packet on this route, if the route says so
 * @param priority called metric by {@code ip}; lower wins
 * @param onlink whether the gateway is on the link even if no address there says so
 */
public record Route(
    Prefix destination,
    OptionalInt device,
    Optional<InetAddress> gateway,
    Optional<InetAddress> source,
    int table,
    Scope scope,
    int protocol,
    Type type,
    OptionalInt mtu,
    int priority,
    boolean onlink) {
  public static final int TABLE_MAIN = 254;
  public static final int TABLE_LOCAL = 255;
  public static final int PROTOCOL_KERNEL = 2;
  public static final int PROTOCOL_BOOT = 3;
  public static final int PROTOCOL_STATIC = 4;

  /** What a kernel gives an IPv6 route without priority. */
  public static final int PRIORITY_IPV6 = 1024;

  /** What happens to a packet: RTN_* of linux/rtnetlink.h. */
  public enum Type {
    UNSPECIFIED(0),
    UNICAST(1),
    LOCAL(2),
    BROADCAST(3),
    ANYCAST(4),
    MULTICAST(5),
    BLACKHOLE(6),
    UNREACHABLE(7),
    PROHIBIT(8),
    THROW(9);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    boolean hasNextHop() {
      return number < BLACKHOLE.number;
    }

    static Type of(int number) {
      for (Type type : values()) {
        if (type.number == number) {
          return type;
        }
      }
      return UNSPECIFIED;
    }
  }

  /** {@code ip route add DESTINATION}, to be completed by {@link #device} or {@link #via}. */
  public static Route to(Prefix destination) {
    boolean ipv4 = destination.family() == Family.IPV4;
    return new Route(
        destination.masked(),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        TABLE_MAIN,
        ipv4 ? Scope.LINK : Scope.GLOBAL,
        PROTOCOL_BOOT,
        Type.UNICAST,
        OptionalInt.empty(),
        ipv4 ? 0 : PRIORITY_IPV6,
        false);
  }

  /** {@code default}: all destinations of the family */
  public static Route toAll(Family family) {
    return to(Prefix.all(family));
  }

  /** {@code dev DEVICE} */
  public Route device(int index) {
    return new Route(
        destination,
        OptionalInt.of(index),
        gateway,
        source,
        table,
        scope,
        protocol,
        type,
        mtu,
        priority,
        onlink);
  }

  /** {@code via GATEWAY}; a gateway of the other family is allowed. */
  public Route via(InetAddress address) {
    return new Route(
        destination,
        device,
        Optional.of(address),
        source,
        table,
        Scope.GLOBAL,
        protocol,
        type,
        mtu,
        priority,
        onlink);
  }

  /** {@code src ADDRESS}: what the node itself sends from on this route */
  public Route source(InetAddress address) {
    return new Route(
        destination,
        device,
        gateway,
        Optional.of(address),
        table,
        scope,
        protocol,
        type,
        mtu,
        priority,
        onlink);
  }

  /** {@code table NUMBER} */
  public Route table(int number) {
    return new Route(
        destination, device, gateway, source, number, scope, protocol, type, mtu, priority, onlink);
  }

  /** {@code scope SCOPE}; IPv6 has none. */
  public Route scope(Scope wanted) {
    return new Route(
        destination,
        device,
        gateway,
        source,
        table,
        destination.family() == Family.IPV4 ? wanted : Scope.GLOBAL,
        protocol,
        type,
        mtu,
        priority,
        onlink);
  }

  /** {@code proto NUMBER} */
  public Route protocol(int number) {
    return new Route(
        destination, device, gateway, source, table, scope, number, type, mtu, priority, onlink);
  }

  /** {@code TYPE}, such as {@code blackhole} or {@code local} */
  public Route type(Type wanted) {
    Scope implied =
        destination.family() == Family.IPV6 || !wanted.hasNextHop()
            ? Scope.GLOBAL
            : wanted == Type.LOCAL ? Scope.HOST : scope;
    return new Route(
        destination,
        device,
        gateway,
        source,
        table,
        implied,
        protocol,
        wanted,
        mtu,
        priority,
        onlink);
  }

  /** {@code mtu BYTES} */
  public Route mtu(int bytes) {
    return new Route(
        destination,
        device,
        gateway,
        source,
        table,
        scope,
        protocol,
        type,
        OptionalInt.of(bytes),
        priority,
        onlink);
  }

  /** {@code metric NUMBER} */
  public Route priority(int number) {
    return new Route(
        destination, device, gateway, source, table, scope, protocol, type, mtu, number, onlink);
  }

  /** {@code via GATEWAY onlink} */
  public Route viaOnlink(InetAddress address) {
    return new Route(
        destination,
        device,
        Optional.of(address),
        source,
        table,
        Scope.GLOBAL,
        protocol,
        type,
        mtu,
        priority,
        true);
  }

  /** As {@code ip route} would print it, with the device's index. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    if (type != Type.UNICAST) {
      text.append(type.name().toLowerCase(Locale.ROOT)).append(' ');
    }
    text.append(destination.length() == 0 ? "default" : destination.toString());
    gateway.ifPresent(g -> text.append(" via ").append(IpBytes.text(g)));
    device.ifPresent(d -> text.append(" dev ").append(d));
    source.ifPresent(s -> text.append(" src ").append(IpBytes.text(s)));
    if (table != TABLE_MAIN) {
      text.append(" table ").append(Integer.toUnsignedString(table));
    }
    mtu.ifPresent(m -> text.append(" mtu ").append(m));
    return text.append(onlink ? " onlink" : "").toString();
  }
}
