// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.linux.sys.Netns;

/** A pod: a namespace with one device, whose other end is on a node. */
record Pod(
    String name,
    Netns netns,
    IpAddress ipv4,
    IpAddress ipv6,
    int identity,
    String device,
    int ifindex,
    MacAddress mac,
    MacAddress nodeMac) {
  IpAddress address(boolean v4) {
    return v4 ? ipv4 : ipv6;
  }
}
