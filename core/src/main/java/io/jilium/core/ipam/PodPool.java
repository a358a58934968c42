// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.model.IpPrefix;
import java.util.List;
import java.util.Optional;

/**
 * A pool of the mode multi-pool.
 *
 * @param allowFirst whether pods may have the first address of a node's CIDR
 * @param allowLast whether pods may have the last address of a node's CIDR
 */
public record PodPool(
    String name, Optional<Ranges> v4, Optional<Ranges> v6, boolean allowFirst, boolean allowLast) {

  /**
   * Ranges of one family.
   *
   * @param maskSize prefix length of a node's CIDR
   */
  public record Ranges(List<IpPrefix> cidrs, int maskSize) {
    /** Copies. */
    public Ranges {
      cidrs = List.copyOf(cidrs);
    }
  }

  /** How many pods a CIDR of this pool is for. CIDRs of one or two addresses are used whole. */
  public long usable(IpPrefix cidr) {
    long addresses = cidr.addressCount();
    return addresses <= 2 ? addresses : addresses - (allowFirst ? 0 : 1) - (allowLast ? 0 : 1);
  }
}
