// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.model.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which node gets which pod CIDRs. What a node has it keeps; of two that hold the same, the
 * one that is first by name keeps it and the other is told. No I/O.
 */
public final class NodeCidrs {
  /**
   * A node and what it has.
   *
   * @param error what it was told last, empty when all was well
   */
  public record Node(String name, List<IpPrefix> podCidrs, String error) {
    /** Copies. */
    public Node {
      podCidrs = List.copyOf(podCidrs);
    }
  }

  /** What should stand in a CiliumNode. */
  public record Assignment(Node node, List<IpPrefix> podCidrs, String error) {
    /** Whether something has to be written. */
    public boolean isChange() {
      return !node.podCidrs().equals(podCidrs) || !node.error().equals(error);
    }
  }

  private final Optional<ClusterPool> v4;
  private final Optional<ClusterPool> v6;

  /** With a pool per family; none, when pods do not have the family. */
  public NodeCidrs(Optional<ClusterPool> v4, Optional<ClusterPool> v6) {
    this.v4 = v4;
    this.v6 = v6;
  }

  /** For all nodes at once: first everybody keeps what it has, then those without get theirs. */
  public List<Assignment> assign(Collection<Node> nodes) {
    List<Node> sorted = nodes.stream().sorted(Comparator.comparing(Node::name)).toList();
    List<String> conflicts = sorted.stream().map(this::claim).toList();
    List<Assignment> assignments = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      assignments.add(complete(sorted.get(i), conflicts.get(i)));
    }
    return assignments;
  }

  /** Remembers what the node has; says what of it belongs to another. */
  private String claim(Node node) {
    for (IpPrefix cidr : node.podCidrs()) {
      Optional<ClusterPool> pool = cidr.isV4() ? v4 : v6;
      if (pool.isPresent()
          && pool.get().claim(node.name(), cidr) instanceof Claim.Taken(String other)) {
        return other.equals(node.name())
            ? "pod CIDR " + cidr + " overlaps another of the same node"
            : "pod CIDR " + cidr + " overlaps one of node " + other;
      }
    }
    return "";
  }

  private Assignment complete(Node node, String conflict) {
    if (!conflict.isEmpty()) {
      return new Assignment(node, node.podCidrs(), conflict);
    }
    Set<IpPrefix> cidrs = new LinkedHashSet<>(node.podCidrs());
    List<String> errors = new ArrayList<>();
    v4.ifPresent(pool -> family(node, pool, true, cidrs, errors));
    v6.ifPresent(pool -> family(node, pool, false, cidrs, errors));
    return new Assignment(node, List.copyOf(cidrs), String.join("; ", errors));
  }

  private static void family(
      Node node, ClusterPool pool, boolean isV4, Set<IpPrefix> cidrs, List<String> errors) {
    if (cidrs.stream().anyMatch(cidr -> cidr.isV4() == isV4)) {
      return;
    }
    // Given before and removed by hand: the node's pods still have its addresses.
    List<IpPrefix> held = pool.held(node.name());
    if (!held.isEmpty()) {
      cidrs.addAll(held);
      return;
    }
    try {
      cidrs.add(pool.allocate(node.name()));
    } catch (PoolExhaustedException e) {
      errors.add(String.valueOf(e.getMessage()));
    }
  }

  /** The node is gone: others may have what it had. */
  public void release(String node) {
    v4.ifPresent(pool -> pool.release(node));
    v6.ifPresent(pool -> pool.release(node));
  }

  /** CIDRs in use of a family. */
  public int used(boolean isV4) {
    return (isV4 ? v4 : v6).map(ClusterPool::used).orElse(0);
  }

  /** CIDRs of a family in all. */
  public long capacity(boolean isV4) {
    return (isV4 ? v4 : v6).map(ClusterPool::capacity).orElse(0L);
  }
}
