// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;

/**
 * A UDP socket as the kernel knows it.
 *
 * @param local an IPv4 address that is mapped into IPv6, if the socket is one of IPv6 and talks
 *     IPv4
 * @param device index of the device that it is bound to; 0: none
 * @param cookie the kernel's number of the socket, that eBPF programs see too
 */
public record UdpSocket(
    InetAddress local, int localPort, InetAddress remote, int remotePort, int device, long cookie) {
  /** Of any number: the kernel does not compare. */
  static final long ANY_COOKIE = -1;
}
