// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;

/**
 * The kernel refused a netlink request: {@code add route 10.1.0.0/24 via 10.0.0.2: ENETUNREACH
 * (network is unreachable): Nexthop has invalid gateway}.
 */
public final class NetlinkException extends LinuxException {
  private static final long serialVersionUID = 1L;

  private final String kernelText;

  NetlinkException(String operation, Errno errno) {
    super(operation, errno);
    this.kernelText = "";
  }

  NetlinkException(String operation, Errno errno, String kernelText) {
    super(operation, errno, kernelText);
    this.kernelText = kernelText;
  }

  static NetlinkException of(String operation, Errno errno, String kernelText) {
    return kernelText.isEmpty()
        ? new NetlinkException(operation, errno)
        : new NetlinkException(operation, errno, kernelText);
  }

  /** What the kernel says beyond the number (extended acknowledgement), or nothing. */
  public String kernelText() {
    return kernelText;
  }
}
