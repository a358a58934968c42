// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

/**
 * A socket that sees raw packets, as captures use.
 *
 * @param device index of the device it is bound to; 0 means all devices
 * @param protocol Ethernet protocol; 3 means all, 0 means that it does not receive
 */
public record PacketSocket(int device, int protocol, int inode) {
  /** Whether packets of that device are shown to it. */
  public boolean sees(int index) {
    return protocol != 0 && (device == 0 || device == index);
  }
}
