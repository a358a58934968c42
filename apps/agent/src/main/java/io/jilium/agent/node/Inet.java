// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.linux.netlink.Prefix;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Between the addresses of the model and those of the JDK and of netlink. */
public final class Inet {
  private Inet() {}

  public static InetAddress of(IpAddress address) {
    try {
      return InetAddress.getByAddress(address.bytes());
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  public static Prefix of(IpPrefix prefix) {
    return new Prefix(of(prefix.address()), prefix.length());
  }

  public static io.jilium.linux.netlink.MacAddress of(MacAddress mac) {
    return new io.jilium.linux.netlink.MacAddress(mac.bits());
  }

  public static IpAddress model(InetAddress address) {
    return IpAddress.ofBytes(address.getAddress());
  }

  /** Host bits are cleared. */
  public static IpPrefix model(Prefix prefix) {
    return IpPrefix.of(model(prefix.address()), prefix.length());
  }

  public static MacAddress model(io.jilium.linux.netlink.MacAddress mac) {
    return new MacAddress(mac.value());
  }
}
