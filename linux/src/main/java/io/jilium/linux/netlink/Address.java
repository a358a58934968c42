// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.util.Set;

/**
 * An address of a device; {@code prefix} keeps its host bits.
 *
 * @param label name it is shown under by old tools (IPv4); empty means the device's name
 */
public record Address(int device, Prefix prefix, Scope scope, Set<Flag> flags, String label) {
  public Address {
    flags = Set.copyOf(flags);
  }

  /** {@code ip addr add PREFIX dev DEVICE} */
  public static Address of(int device, Prefix prefix) {
    return new Address(device, prefix, Scope.GLOBAL, Set.of(), "");
  }

  public Address scope(Scope wanted) {
    return new Address(device, prefix, wanted, flags, label);
  }

  public Address flags(Flag... wanted) {
    return new Address(device, prefix, scope, Set.of(wanted), label);
  }

  /** IFA_F_* of linux/if_addr.h that matter here. */
  public enum Flag {
    /** No duplicate detection: an IPv6 address is usable at once. */
    NODAD(0x02),
    DAD_FAILED(0x08),
    /** Duplicate detection is under way: the address cannot be used yet. */
    TENTATIVE(0x40),
    PERMANENT(0x80),
    /** The kernel adds no route for the prefix. */
    NO_PREFIX_ROUTE(0x200);

    private final int bit;

    Flag(int bit) {
      this.bit = bit;
    }

    int bit() {
      return bit;
    }
  }
}
