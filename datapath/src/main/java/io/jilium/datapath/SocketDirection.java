// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

/** {@code enum socket_direction} of {@code abi/service.h}. */
public enum SocketDirection {
  /** From what a socket sends to, to the backend. */
  FORWARD(0),
  /** From the backend to what the socket thinks it talks to. */
  REVERSE(1);

  private final int number;

  SocketDirection(int number) {
    this.number = number;
  }

  /** The number in the kernel. */
  public int number() {
    return number;
  }
}
