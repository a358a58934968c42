// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/** {@code enum client_kind} of {@code abi/service.h}: by what a client is known. */
public enum ClientKind {
  /** By its address. */
  ADDRESS(0),
  /** By its network namespace: a socket has no address yet when it connects. */
  NETNS(1);

  private final int number;

  ClientKind(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }
}
