// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.PodCidr;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The addresses of one family that a node gives to its pods, its router and its health endpoint. As
 * in Cilium the first address of a CIDR and the last of an IPv4 CIDR are not given out unless that
 * is allowed, or there are no others. A released address comes back last: first everything that was
 * never used is handed out, then what was released longest ago, so that late packets of a gone pod
 * rarely meet a new one. Not thread-safe: the control thread owns it.
 */
public final class NodePool {
  /** Owner of the router's address. */
  public static final String ROUTER = "router";

  /** Owner of the health endpoint's address. */
  public static final String HEALTH = "health";

  /** A CIDR may be larger, but no more of it is used. */
  private static final long MOST_PER_CIDR = 1 << 20;

  /** One CIDR and how much of it was handed out in order. */
  private static final class Range {
    private final IpPrefix cidr;
    private final long begin;
    private final long count;
    private long fresh;
    private boolean retired;

    Range(PodCidr given) {
      this.cidr = given.prefix();
      boolean tiny = cidr.addressCount() <= 2;
      this.begin = given.allowFirst() || tiny ? 0 : 1;
      long end = !cidr.isV4() || given.allowLast() || tiny ? 0 : 1;
      this.count = Math.min(cidr.addressCount() - begin - end, MOST_PER_CIDR);
    }

    /** The next that was never given out. */
    IpAddress next() {
      return cidr.address().plus(begin + fresh++);
    }

    boolean gives(IpAddress address) {
      return cidr.contains(address)
          && address.compareTo(cidr.address().plus(begin)) >= 0
          && address.compareTo(cidr.address().plus(begin + count - 1)) <= 0;
    }
  }

  private final List<Range> ranges = new ArrayList<>();
  private final Map<IpAddress, String> owners = new HashMap<>();
  private final LinkedHashSet<IpAddress> released = new LinkedHashSet<>();

  /** All CIDRs are of one family. */
  public NodePool(List<PodCidr> cidrs) {
    cidrs.forEach(this::add);
  }

  /** Adds a CIDR, or takes one back that was retired; one that is there already changes nothing. */
  public void add(PodCidr given) {
    IpPrefix cidr = given.prefix();
    for (Range range : ranges) {
      if (range.cidr.equals(cidr)) {
        if (range.retired) {
          range.retired = false;
          range.fresh = 0; // what was released meanwhile is nowhere noted
        }
        return;
      }
      if (range.cidr.isV4() != cidr.isV4()) {
        throw new IllegalArgumentException("a pool has one family: " + range.cidr + " and " + cidr);
      }
      if (range.cidr.overlaps(cidr)) {
        throw new IllegalArgumentException(
            "CIDR " + cidr + " overlaps " + range.cidr + " of the same node");
      }
    }
    ranges.add(new Range(given));
  }

  /** Removes a CIDR; false when it is in use. */
  public boolean remove(IpPrefix cidr) {
    if (owners.keySet().stream().anyMatch(cidr::contains)) {
      return false;
    }
    ranges.removeIf(range -> range.cidr.equals(cidr));
    released.removeIf(cidr::contains);
    return true;
  }

  /** No more of a CIDR is given out: it goes with the last address in use. True when it is gone. */
  public boolean retire(IpPrefix cidr) {
    if (remove(cidr)) {
      return true;
    }
    released.removeIf(cidr::contains);
    ranges.stream().filter(range -> range.cidr.equals(cidr)).forEach(range -> range.retired = true);
    return false;
  }

  /** Whether the address is of a CIDR that was retired. */
  public boolean isRetired(IpAddress address) {
    return ranges.stream().anyMatch(range -> range.retired && range.cidr.contains(address));
  }

  /**
   * Gives an address to the owner ({@code namespace/pod}, {@link #ROUTER}, {@link #HEALTH}).
   *
   * @throws PoolExhaustedException when none is left
   */
  public IpAddress allocate(String owner) {
    for (Range range : ranges) {
      while (!range.retired && range.fresh < range.count) {
        IpAddress address = range.next();
        if (!owners.containsKey(address) && !released.contains(address)) {
          owners.put(address, owner);
          return address;
        }
      }
    }
    if (released.isEmpty()) {
      throw new PoolExhaustedException(
          "pool "
              + name()
              + " is exhausted: all "
              + capacity()
              + " addresses are in use, none is left for "
              + owner);
    }
    IpAddress address = released.removeFirst();
    owners.put(address, owner);
    return address;
  }

  /**
   * Gives one particular address to the owner: what was given before a restart, or what somebody
   * asked for. Of a retired CIDR nobody gets one that has not got it.
   */
  public Claim claim(IpAddress address, String owner) {
    if (ranges.stream().noneMatch(range -> range.gives(address))) {
      return new Claim.Outside();
    }
    String holder = owners.get(address);
    if (holder == null && isRetired(address)) {
      return new Claim.Outside();
    }
    if (holder != null && !holder.equals(owner)) {
      return new Claim.Taken(holder);
    }
    released.remove(address);
    owners.put(address, owner);
    return new Claim.Granted();
  }

  /** Takes an address back; empty when nobody had it. */
  public Optional<String> release(IpAddress address) {
    String owner = owners.remove(address);
    if (owner == null) {
      return Optional.empty();
    }
    var retired =
        ranges.stream().filter(range -> range.retired && range.cidr.contains(address)).findFirst();
    if (retired.isPresent()) {
      remove(retired.get().cidr);
    } else {
      released.add(address);
    }
    return Optional.of(owner);
  }

  /** Who has the address. */
  public Optional<String> owner(IpAddress address) {
    return Optional.ofNullable(owners.get(address));
  }

  /** Every address in use with its owner, sorted. */
  public SortedMap<IpAddress, String> allocations() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(owners));
  }

  /** The number of addresses in use. */
  public int used() {
    return owners.size();
  }

  /** The number of addresses that can be in use at once, those of retired CIDRs aside. */
  public long capacity() {
    return ranges.stream().filter(range -> !range.retired).mapToLong(range -> range.count).sum();
  }

  /** The number of addresses of one of its CIDRs that can be in use at once. */
  public long capacity(IpPrefix cidr) {
    return ranges.stream()
        .filter(range -> range.cidr.equals(cidr))
        .mapToLong(range -> range.count)
        .sum();
  }

  /** In the order in which they are used. */
  public List<IpPrefix> cidrs() {
    return ranges.stream().map(range -> range.cidr).toList();
  }

  private String name() {
    return ranges.stream()
        .map(range -> range.cidr.toString())
        .collect(Collectors.joining(", ", "", ""));
  }
}
