// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/** {@code enum set_flag} of {@code abi/service.h}. */
public enum SetFlag {
  /** Chosen by a table. */
  MAGLEV(1),
  /** Without backends: no answer, instead of a refusal. */
  DROP(2);

  private final int number;

  SetFlag(int number) {
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
