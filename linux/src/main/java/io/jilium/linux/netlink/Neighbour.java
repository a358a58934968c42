// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What the kernel knows about who has an address on a device.
 *
 * @param managed whether the kernel keeps it resolved by itself (NTF_EXT_MANAGED, since Linux 5.16)
 */
public record Neighbour(
    int device, InetAddress address, Optional<MacAddress> mac, State state, boolean managed) {
  /** NUD_* of linux/neighbour.h. */
  public enum State {
    NONE(0),
    INCOMPLETE(1),
    REACHABLE(2),
    STALE(4),
    DELAY(8),
    PROBE(0x10),
    FAILED(0x20),
    NOARP(0x40),
    PERMANENT(0x80);

    private final int bit;

    State(int bit) {
      this.bit = bit;
    }

    int bit() {
      return bit;
    }

    static State of(int bits) {
      for (State state : values()) {
        if (state != NONE && (bits & state.bit) != 0) {
          return state;
        }
      }
      return NONE;
    }
  }

  /** {@code ip neigh add ADDRESS lladdr MAC dev DEVICE nud permanent} */
  public static Neighbour permanent(int device, InetAddress address, MacAddress mac) {
    return new Neighbour(device, address, Optional.of(mac), State.PERMANENT, false);
  }

  /**
   * {@code ip neigh add ADDRESS dev DEVICE managed}: resolved now and kept so; kernels before 5.16
   * do neither.
   */
  public static Neighbour managed(int device, InetAddress address) {
    return new Neighbour(device, address, Optional.empty(), State.NONE, true);
  }

  /** Whether packets can be sent to it now. */
  public boolean isUsable() {
    return mac.isPresent()
        && switch (state) {
          case REACHABLE, STALE, DELAY, PROBE, NOARP, PERMANENT -> true;
          case NONE, INCOMPLETE, FAILED -> false;
        };
  }
}
