// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A forwarding table entry of a bridge port or a VXLAN device: frames for the MAC address leave by
 * that device.
 *
 * @param remote for VXLAN, the underlay address of the other tunnel end
 */
public record ForwardingEntry(
    int device, MacAddress mac, Optional<InetAddress> remote, boolean permanent) {}
