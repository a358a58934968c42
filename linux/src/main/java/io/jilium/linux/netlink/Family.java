// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.Inet4Address;
import java.net.InetAddress;

/** IPv4 or IPv6, with the number the kernel gives it. */
public enum Family {
  IPV4(2),
  IPV6(10);

  static final int UNSPEC = 0;
  static final int BRIDGE = 7;
  static final int PACKET = 17;

  private final int number;

  Family(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  public static Family of(InetAddress address) {
    return address instanceof Inet4Address ? IPV4 : IPV6;
  }
}
