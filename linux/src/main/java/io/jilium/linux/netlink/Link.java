// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network device as the kernel reports it.
 *
 * @param master index of the bridge (or bond, …) it is a port of
 * @param parent index of the device it stands on, or of the other end of a veth pair
 * @param parentNetnsId the number which this namespace has for the parent's namespace, if that is
 *     another
 * @param gsoMaxSize largest packet handed to the device for segmentation, IPv6
 * @param gsoIpv4MaxSize the same for IPv4; equals {@code gsoMaxSize} on kernels that do not
 *     distinguish
 */
public record Link(
    int index,
    String name,
    LinkKind kind,
    MacAddress mac,
    int mtu,
    int flags,
    OperationalState state,
    OptionalInt master,
    OptionalInt parent,
    OptionalInt parentNetnsId,
    String alias,
    int gsoMaxSize,
    int groMaxSize,
    int gsoIpv4MaxSize,
    int groIpv4MaxSize,
    Optional<AddressGeneration> addressGeneration) {
  static final int FLAG_UP = 1;
  static final int FLAG_LOOPBACK = 8;
  static final int FLAG_NOARP = 0x80;
  static final int FLAG_LOWER_UP = 0x10000;

  /** RFC 2863 ifOperStatus, in the kernel's order. */
  public enum OperationalState {
    UNKNOWN,
    NOT_PRESENT,
    DOWN,
    LOWER_LAYER_DOWN,
    TESTING,
    DORMANT,
    UP
  }

  /** How IPv6 link-local addresses come about, in the kernel's order. */
  public enum AddressGeneration {
    EUI64(0),
    NONE(1),
    STABLE_PRIVACY(2),
    RANDOM(3);

    private final int number;

    AddressGeneration(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  public boolean isUp() {
    return (flags & FLAG_UP) != 0;
  }

  public boolean isLoopback() {
    return (flags & FLAG_LOOPBACK) != 0;
  }

  public boolean isNoArp() {
    return (flags & FLAG_NOARP) != 0;
  }

  /** Whether the other end is up too, or the cable is plugged. */
  public boolean hasCarrier() {
    return (flags & FLAG_LOWER_UP) != 0;
  }
}
