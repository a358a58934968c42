// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.model.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides which node gets which CIDRs of which pool. A node names how many addresses of a pool it
 * needs and is given CIDRs until they suffice; it takes CIDRs that it has emptied out of what it
 * was given, and they become free for others. What a node has is never taken from it. Of two nodes
 * that hold the same, the first by name keeps it and the other is told. Not thread-safe.
 */
public final class MultiPool {
  /** Addresses of one pool that a node needs, those in use included. */
  public record Demand(String pool, long v4, long v6) {}

  /** A node's CIDRs of one pool. */
  public record Allocation(String pool, List<IpPrefix> cidrs) {
    /** Copies. */
    public Allocation {
      cidrs = List.copyOf(cidrs);
    }
  }

  /** What a node asks for and has. */
  public record Node(
      String name, List<Demand> requested, List<Allocation> allocated, String error) {
    /** Copies. */
    public Node {
      requested = List.copyOf(requested);
      allocated = List.copyOf(allocated);
    }
  }

  /**
   * What a node should have.
   *
   * @param error why it is less than what it asked for; empty: it is not
   */
  public record Assignment(Node node, List<Allocation> allocated, String error) {
    /** Whether something has to be written. */
    public boolean isChange() {
      return !node.allocated().equals(allocated) || !node.error().equals(error);
    }
  }

  /** Both families of a pool, with what nodes have of it. */
  private static final class Pool {
    private PodPool definition;
    private Optional<ClusterPool> v4;
    private Optional<ClusterPool> v6;

    Pool(PodPool definition) {
      this.definition = definition;
      this.v4 = family(definition.v4());
      this.v6 = family(definition.v6());
    }

    private static Optional<ClusterPool> family(Optional<PodPool.Ranges> ranges) {
      return ranges.map(range -> new ClusterPool(range.cidrs(), range.maskSize()));
    }

    Optional<ClusterPool> of(IpPrefix cidr) {
      return cidr.isV4() ? v4 : v6;
    }
  }

  private final Map<String, Pool> pools = new TreeMap<>();

  /** By node: what it was seen to have. What was given but not yet seen stays given. */
  private final Map<String, Set<IpPrefix>> seen = new HashMap<>();

  /** Names of pools that cannot be used, to the reason. */
  private final Map<String, String> unusable = new HashMap<>();

  /**
   * Takes over what pools there are now. Nodes keep what they have of a pool that is gone or has
   * other ranges.
   */
  public void pools(Collection<PodPool> definitions) {
    Set<String> names = definitions.stream().map(PodPool::name).collect(Collectors.toSet());
    pools.keySet().retainAll(names);
    unusable.keySet().retainAll(names);
    for (PodPool definition : definitions) {
      Pool known = pools.get(definition.name());
      if (known != null && known.definition.equals(definition)) {
        continue;
      }
      try {
        pools.put(definition.name(), new Pool(definition));
        unusable.remove(definition.name());
      } catch (IllegalArgumentException e) {
        pools.remove(definition.name());
        unusable.put(definition.name(), String.valueOf(e.getMessage()));
      }
    }
  }

  /** For all nodes at once: first everybody keeps what it has, then those that need more get it. */
  public List<Assignment> assign(Collection<Node> nodes) {
    List<Node> sorted = nodes.stream().sorted(Comparator.comparing(Node::name)).toList();
    release(sorted);
    List<String> conflicts = sorted.stream().map(this::claim).toList();
    List<Assignment> assignments = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      assignments.add(complete(sorted.get(i), conflicts.get(i)));
    }
    return assignments;
  }

  /** What a node no longer lists, or a node that is no longer there had, is free. */
  private void release(List<Node> nodes) {
    Map<String, Node> byName = new HashMap<>();
    nodes.forEach(node -> byName.put(node.name(), node));
    pools.forEach((name, pool) -> {
      pool.v4.ifPresent(family -> release(name, family, byName));
      pool.v6.ifPresent(family -> release(name, family, byName));
    });
    seen.keySet().retainAll(byName.keySet());
  }

  private void release(String name, ClusterPool family, Map<String, Node> nodes) {
    for (String holder : family.holders()) {
      @Nullable Node node = nodes.get(holder);
      if (node == null) {
        family.release(holder);
        continue;
      }
      Set<IpPrefix> before = seen.getOrDefault(holder, Set.of());
      List<IpPrefix> listed = cidrs(node.allocated(), name);
      for (IpPrefix cidr : family.held(holder)) {
        if (before.contains(cidr) && !listed.contains(cidr)) {
          family.release(holder, cidr);
          before.remove(cidr);
        }
      }
    }
  }

  private static List<IpPrefix> cidrs(List<Allocation> allocations, String pool) {
    return allocations.stream()
        .filter(allocation -> allocation.pool().equals(pool))
        .flatMap(allocation -> allocation.cidrs().stream())
        .toList();
  }

  private String claim(Node node) {
    for (Allocation allocation : node.allocated()) {
      @Nullable Pool pool = pools.get(allocation.pool());
      if (pool == null) {
        continue;
      }
      for (IpPrefix cidr : allocation.cidrs()) {
        seen.computeIfAbsent(node.name(), name -> new HashSet<>()).add(cidr);
        if (pool.of(cidr).map(family -> family.claim(node.name(), cidr)).orElse(null)
            instanceof Claim.Taken(String other)) {
          return other.equals(node.name())
              ? "CIDR " + cidr + " overlaps another of the same node"
              : "CIDR " + cidr + " of pool " + allocation.pool() + " overlaps one of node " + other;
        }
      }
    }
    return "";
  }

  private Assignment complete(Node node, String conflict) {
    if (!conflict.isEmpty()) {
      return new Assignment(node, node.allocated(), conflict);
    }
    List<String> errors = new ArrayList<>();
    List<Allocation> allocated = new ArrayList<>();
    for (Allocation allocation : node.allocated()) {
      if (!allocation.cidrs().isEmpty()
          || node.requested().stream().anyMatch(d -> d.pool().equals(allocation.pool()))) {
        allocated.add(allocation);
      }
    }
    for (Demand demand : node.requested()) {
      satisfy(node, demand, allocated, errors);
    }
    return new Assignment(node, List.copyOf(allocated), String.join("; ", errors));
  }

  private void satisfy(Node node, Demand demand, List<Allocation> allocated, List<String> errors) {
    if (demand.v4() <= 0 && demand.v6() <= 0) {
      return;
    }
    @Nullable Pool pool = pools.get(demand.pool());
    if (pool == null) {
      errors.add(
          unusable.containsKey(demand.pool())
              ? "pool " + demand.pool() + ": " + unusable.get(demand.pool())
              : "there is no pool " + demand.pool());
      return;
    }
    List<IpPrefix> cidrs = new ArrayList<>(cidrs(allocated, demand.pool()));
    fill(node, pool, true, demand.v4(), cidrs, errors);
    fill(node, pool, false, demand.v6(), cidrs, errors);
    for (int i = 0; i < allocated.size(); i++) {
      if (allocated.get(i).pool().equals(demand.pool())) {
        allocated.set(i, new Allocation(demand.pool(), cidrs));
        return;
      }
    }
    if (!cidrs.isEmpty()) {
      allocated.add(new Allocation(demand.pool(), cidrs));
    }
  }

  private static void fill(
      Node node, Pool pool, boolean isV4, long needed, List<IpPrefix> cidrs, List<String> errors) {
    long have = 0;
    for (IpPrefix cidr : cidrs) {
      if (cidr.isV4() == isV4) {
        have += Math.min(pool.definition.usable(cidr), Integer.MAX_VALUE);
      }
    }
    Optional<ClusterPool> family = isV4 ? pool.v4 : pool.v6;
    for (IpPrefix given : family.map(ranges -> ranges.held(node.name())).orElse(List.of())) {
      if (have < needed && !cidrs.contains(given)) {
        cidrs.add(given);
        have += Math.min(pool.definition.usable(given), Integer.MAX_VALUE);
      }
    }
    while (have < needed) {
      if (family.isEmpty()) {
        errors.add(
            "pool " + pool.definition.name() + " has no " + (isV4 ? "IPv4" : "IPv6") + " ranges");
        return;
      }
      try {
        IpPrefix cidr = family.get().allocate(node.name());
        cidrs.add(cidr);
        have += Math.min(pool.definition.usable(cidr), Integer.MAX_VALUE);
      } catch (PoolExhaustedException e) {
        errors.add(pool.definition.name() + ": " + Objects.requireNonNull(e.getMessage()));
        return;
      }
    }
  }

  /** CIDRs of a pool in use, of both families. */
  public int used(String pool) {
    @Nullable Pool known = pools.get(pool);
    return known == null
        ? 0
        : known.v4.map(ClusterPool::used).orElse(0) + known.v6.map(ClusterPool::used).orElse(0);
  }
}
