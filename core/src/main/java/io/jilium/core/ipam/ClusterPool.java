// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Ranges of one family from which every node gets a CIDR of one size. A node keeps what it has,
 * also when the ranges or the size change; nothing that overlaps a node's CIDR is given to another.
 * What was never used is given first, in order, then what was released longest ago. Not
 * thread-safe.
 */
public final class ClusterPool {
  /** One range and how many of its subnets were tried in order. */
  private static final class Range {
    private final IpPrefix cidr;
    private final long count;
    private long fresh;

    Range(IpPrefix cidr, int maskSize) {
      this.cidr = cidr;
      int bits = maskSize - cidr.length();
      this.count = bits >= 62 ? Long.MAX_VALUE : 1L << bits;
    }
  }

  private record Holding(String node, IpPrefix cidr) {}

  private final List<Range> ranges = new ArrayList<>();
  private final int maskSize;
  private final TreeMap<IpAddress, Holding> holdings = new TreeMap<>();
  private final LinkedHashSet<IpPrefix> released = new LinkedHashSet<>();

  /** Refuses ranges that overlap, differ in family or are smaller than one node's CIDR. */
  public ClusterPool(List<IpPrefix> cidrs, int maskSize) {
    this.maskSize = maskSize;
    for (IpPrefix cidr : cidrs) {
      if (cidr.length() > maskSize || maskSize > cidr.address().bitCount()) {
        throw new IllegalArgumentException("range " + cidr + " cannot be cut into /" + maskSize);
      }
      for (Range other : ranges) {
        if (other.cidr.isV4() != cidr.isV4()) {
          throw new IllegalArgumentException(
              "a pool has one family: " + other.cidr + " and " + cidr);
        }
        if (other.cidr.overlaps(cidr)) {
          throw new IllegalArgumentException("range " + cidr + " overlaps " + other.cidr);
        }
      }
      ranges.add(new Range(cidr, maskSize));
    }
  }

  /**
   * Remembers what a node already has. A CIDR outside the ranges is remembered too ({@link
   * Claim.Outside}): the node keeps it. Of two nodes that claim the same, the second is refused.
   */
  public Claim claim(String node, IpPrefix cidr) {
    Optional<Holding> other =
        overlapping(cidr).filter(holding -> !holding.equals(new Holding(node, cidr)));
    if (other.isPresent()) {
      return new Claim.Taken(other.get().node());
    }
    holdings.put(cidr.address(), new Holding(node, cidr));
    released.remove(cidr);
    return ranges.stream().anyMatch(range -> range.cidr.contains(cidr))
        ? new Claim.Granted()
        : new Claim.Outside();
  }

  /**
   * Gives the node a CIDR.
   *
   * @throws PoolExhaustedException when none is left
   */
  public IpPrefix allocate(String node) {
    for (Range range : ranges) {
      while (range.fresh < range.count) {
        IpPrefix candidate = range.cidr.subnet(maskSize, range.fresh++);
        if (!released.contains(candidate) && overlapping(candidate).isEmpty()) {
          return hold(node, candidate);
        }
      }
    }
    while (!released.isEmpty()) {
      IpPrefix candidate = released.removeFirst();
      if (overlapping(candidate).isEmpty()) {
        return hold(node, candidate);
      }
    }
    throw new PoolExhaustedException(
        "pool "
            + ranges.stream().map(range -> range.cidr.toString()).collect(Collectors.joining(", "))
            + " is exhausted: no /"
            + maskSize
            + " is left for node "
            + node
            + ", "
            + holdings.size()
            + " are in use");
  }

  private IpPrefix hold(String node, IpPrefix cidr) {
    holdings.put(cidr.address(), new Holding(node, cidr));
    return cidr;
  }

  private Optional<Holding> overlapping(IpPrefix cidr) {
    Map.Entry<IpAddress, Holding> before = holdings.floorEntry(cidr.last());
    return before != null && before.getValue().cidr().overlaps(cidr)
        ? Optional.of(before.getValue())
        : Optional.empty();
  }

  /** Takes back everything the node has. */
  public List<IpPrefix> release(String node) {
    List<IpPrefix> freed = held(node);
    freed.forEach(cidr -> release(node, cidr));
    return freed;
  }

  /** Takes back one CIDR, if the node has it. */
  public void release(String node, IpPrefix cidr) {
    if (holdings.remove(cidr.address(), new Holding(node, cidr))
        && cidr.length() == maskSize
        && ranges.stream().anyMatch(range -> range.cidr.contains(cidr))) {
      released.add(cidr);
    }
  }

  /** What the node has, sorted. */
  public List<IpPrefix> held(String node) {
    return holdings.values().stream()
        .filter(holding -> holding.node().equals(node))
        .map(Holding::cidr)
        .toList();
  }

  /** Who has something. */
  public Set<String> holders() {
    return holdings.values().stream().map(Holding::node).collect(Collectors.toSet());
  }

  /** The number of CIDRs in use. */
  public int used() {
    return holdings.size();
  }

  /** How many CIDRs there are in all, {@link Long#MAX_VALUE} when more than can be counted. */
  public long capacity() {
    long sum = 0;
    for (Range range : ranges) {
      sum = range.count > Long.MAX_VALUE - sum ? Long.MAX_VALUE : sum + range.count;
    }
    return sum;
  }
}
