// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/** {@code enum frontend_flag} of {@code abi/service.h}. */
public enum FrontendFlag {
  /** No service has the port that was asked for. */
  WHOLE_ADDRESS(1),
  /** Serves connections from outside the cluster too. */
  FROM_OUTSIDE(2),
  /** Backends see the address of an outside client. */
  KEEP_CLIENT(4),
  /** Source ranges decide who may use it. */
  RANGES(8),
  /** The ranges name those that may not. */
  RANGES_DENY(16);

  private final int number;

  FrontendFlag(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }

  /** Whether the bit is set. */
  public boolean in(int flags) {
    return (flags & number) != 0;
  }
}
