// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.XdpLink;

/** Who runs a program of XDP. */
public enum XdpMode {
  /** The device's driver, before the stack makes anything of a packet. */
  NATIVE(XdpLink.Mode.NATIVE),
  /** The stack, for any device: no faster than tc, for tests. */
  GENERIC(XdpLink.Mode.GENERIC);

  private final XdpLink.Mode link;

  XdpMode(XdpLink.Mode link) {
    this.link = link;
  }

  XdpLink.Mode link() {
    return link;
  }
}
