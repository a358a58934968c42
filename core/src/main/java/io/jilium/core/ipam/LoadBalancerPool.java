// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A pool of addresses for services of the type LoadBalancer.
 *
 * @param created of two pools that overlap, the older one is used
 * @param selects whether a service with these labels may have addresses of the pool
 * @param disabled services keep what they have but get nothing new
 * @param fault why the pool can't be used at all, of what its author wrote; empty: it can
 */
public record LoadBalancerPool(
    String name,
    Instant created,
    List<Range> ranges,
    Predicate<Map<String, String>> selects,
    boolean disabled,
    String fault) {

  /** Copies. */
  public LoadBalancerPool {
    ranges = List.copyOf(ranges);
  }

  /** Addresses of one family, both ends included. */
  public record Range(IpAddress first, IpAddress last) {
    /** Refuses ends of different families, and an end before the start. */
    public Range {
      if (first.isV4() != last.isV4()) {
        throw new IllegalArgumentException(first + " and " + last + " are of different families");
      }
      if (last.compareTo(first) < 0) {
        throw new IllegalArgumentException("stop " + last + " is before start " + first);
      }
    }

    /**
     * The addresses of a prefix.
     *
     * @param ends whether its first and last address may be used; those of prefixes of one or two
     *     addresses always may
     */
    public static Range of(IpPrefix prefix, boolean ends) {
      return ends || prefix.addressCount() <= 2
          ? new Range(prefix.address(), prefix.last())
          : new Range(prefix.address().plus(1), prefix.last().plus(-1));
    }

    /** Whether the address is one of them. */
    public boolean contains(IpAddress address) {
      return address.isV4() == first.isV4()
          && address.compareTo(first) >= 0
          && address.compareTo(last) <= 0;
    }

    /** Whether both have an address in common. */
    public boolean overlaps(Range other) {
      return other.first.isV4() == first.isV4()
          && other.first.compareTo(last) <= 0
          && first.compareTo(other.last) <= 0;
    }

    /** How many there are. */
    public BigInteger size() {
      return new BigInteger(1, last.mappedBytes())
          .subtract(new BigInteger(1, first.mappedBytes()))
          .add(BigInteger.ONE);
    }

    @Override
    public String toString() {
      return first + " - " + last;
    }
  }

  /** Whether an address is of this pool. */
  public boolean contains(IpAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }

  /** The first two ranges that overlap, of this pool and another, or of this one alone. */
  Optional<String> overlap(LoadBalancerPool other) {
    boolean same = name.equals(other.name);
    for (int i = 0; i < ranges.size(); i++) {
      for (int j = same ? i + 1 : 0; j < other.ranges.size(); j++) {
        if (ranges.get(i).overlaps(other.ranges.get(j))) {
          return Optional.of(
              "range "
                  + ranges.get(i)
                  + " overlaps range "
                  + other.ranges.get(j)
                  + (same ? " of the same pool" : " of pool " + other.name));
        }
      }
    }
    return Optional.empty();
  }
}
