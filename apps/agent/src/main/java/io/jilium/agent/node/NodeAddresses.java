// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.endpoint.PodAddresses;
import io.jilium.agent.state.PoolStatus;
import io.jilium.core.ipam.Claim;
import io.jilium.core.ipam.NodePool;
import io.jilium.core.ipam.PoolExhaustedException;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PoolDemand;
import io.jilium.core.settings.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The addresses of the node's pod CIDRs and who has them. There is one pool, {@code default},
 * unless {@link #usePools} says otherwise; the node's own addresses are always of that one. Any
 * thread.
 */
public final class NodeAddresses implements PodAddresses {
  /** Out of which pool a pod takes its address. */
  public interface Choice {
    String poolOf(PodName pod, boolean v4);
  }

  /** Is told what is needed and what is not any more, whenever one of both has changed. */
  public interface Requests {
    void need(List<PoolDemand> demands, List<IpPrefix> unused);
  }

  private final Settings.Families families;
  private final Map<String, AddressPool> pools = new TreeMap<>();
  private final Set<IpPrefix> givenBack = new HashSet<>();
  private Choice choice = (_, _) -> PoolDemand.DEFAULT;
  private Optional<Requests> requests = Optional.empty();
  private List<PoolDemand> demands = List.of();
  private Set<IpPrefix> unused = Set.of();
  private boolean settled;

  public NodeAddresses(Settings.Families families) {
    this.families = families;
    pools.put(PoolDemand.DEFAULT, new AddressPool(PoolDemand.DEFAULT));
  }

  /** {@code ipam.mode=multi-pool}. */
  public synchronized void usePools(Choice of, Requests to) {
    choice = of;
    requests = Optional.of(to);
    tell();
  }

  /** Whatever was in use before a restart has its address again: the rest may be given back. */
  synchronized void settle() {
    settled = true;
    tell();
  }

  /** Of the default pool. */
  public List<IpPrefix> assign(List<IpPrefix> cidrs) {
    return assign(Map.of(PoolDemand.DEFAULT, cidrs.stream().map(PodCidr::of).toList()));
  }

  /**
   * Adds new CIDRs and drops the others; returns those that stay because they are in use. Nothing
   * more is given out of them.
   */
  public synchronized List<IpPrefix> assign(Map<String, List<PodCidr>> assigned) {
    var lingering = new ArrayList<IpPrefix>();
    for (var pool : pools.values()) {
      var cidrs =
          assigned.getOrDefault(pool.name(), List.of()).stream().map(PodCidr::prefix).toList();
      for (var cidr : pool.cidrs().toList()) {
        if (!cidrs.contains(cidr) && !pool.family(cidr.isV4()).retire(cidr)) {
          lingering.add(cidr);
        }
      }
    }
    givenBack.retainAll(
        assigned.values().stream().flatMap(List::stream).map(PodCidr::prefix).toList());
    assigned.forEach((name, cidrs) ->
        cidrs.stream()
            .filter(cidr -> enabled(cidr.isV4()) && !givenBack.contains(cidr.prefix()))
            .forEach(cidr -> pool(name).family(cidr.isV4()).add(cidr)));
    tell();
    return lingering;
  }

  public synchronized boolean has(boolean v4) {
    return !pool(PoolDemand.DEFAULT).family(v4).cidrs().isEmpty();
  }

  /** Whether every enabled family has a pod CIDR. */
  public synchronized boolean complete() {
    return (!families.v4() || has(true)) && (!families.v6() || has(false));
  }

  @Override
  public synchronized List<IpAddress> allocate(String owner, PodName pod) {
    var taken = new ArrayList<IpAddress>();
    try {
      for (boolean v4 : new boolean[] {true, false}) {
        if (enabled(v4)) {
          var name = pod.isNone() ? PoolDemand.DEFAULT : choice.poolOf(pod, v4);
          taken.add(allocateOne(pool(name), v4, owner));
        }
      }
      return taken;
    } catch (ExhaustedException e) {
      release(taken);
      throw e;
    } finally {
      tell();
    }
  }

  synchronized IpAddress allocateOne(boolean v4, String owner) {
    return allocateOne(pool(PoolDemand.DEFAULT), v4, owner);
  }

  private static IpAddress allocateOne(AddressPool pool, boolean v4, String owner) {
    var family = pool.family(v4);
    try {
      if (!family.cidrs().isEmpty()) {
        var address = family.allocate(owner);
        pool.satisfied(v4);
        return address;
      }
    } catch (PoolExhaustedException e) {
      pool.wanted(v4);
      throw new ExhaustedException(String.valueOf(e.getMessage()));
    }
    pool.wanted(v4);
    throw new ExhaustedException(
        "the node has no IPv"
            + (v4 ? 4 : 6)
            + (pool.name().equals(PoolDemand.DEFAULT)
                ? " pod CIDR yet"
                : " CIDR of pool " + pool.name() + " yet"));
  }

  @Override
  public synchronized void reserve(List<IpAddress> addresses, String owner) {
    var taken = new ArrayList<IpAddress>();
    for (var address : addresses) {
      boolean had = holder(address).owner(address).isPresent();
      var problem = reserveOne(address, owner);
      if (problem.isPresent()) {
        release(taken);
        throw new IllegalStateException(problem.get());
      }
      if (!had) {
        taken.add(address);
      }
    }
    tell();
  }

  /** Why the address cannot be had, one sentence; empty: it is taken. */
  synchronized Optional<String> reserveOne(IpAddress address, String owner) {
    return switch (holder(address).claim(address, owner)) {
      case Claim.Granted() -> Optional.empty();
      case Claim.Taken(String holder) ->
          Optional.of("address " + address + " is taken by " + holder);
      case Claim.Outside() -> Optional.of("address " + address + " is in no pod CIDR of the node");
    };
  }

  @Override
  public synchronized void release(List<IpAddress> addresses) {
    for (var address : addresses) {
      var _ = holder(address).release(address);
    }
    tell();
  }

  @Override
  public synchronized boolean retired(List<IpAddress> addresses) {
    return addresses.stream().anyMatch(address -> holder(address).isRetired(address));
  }

  /** Addresses in use of CIDRs that are not the node's any more. */
  synchronized List<IpAddress> retired() {
    return pools.values().stream()
        .flatMap(pool -> Stream.of(pool.v4, pool.v6))
        .flatMap(family -> family.allocations().keySet().stream().filter(family::isRetired))
        .toList();
  }

  /** One row per CIDR. */
  public synchronized List<PoolStatus> status() {
    var rows = new ArrayList<PoolStatus>();
    for (boolean v4 : new boolean[] {true, false}) {
      for (var pool : pools.values()) {
        pool.family(v4).cidrs().forEach(cidr -> rows.add(status(pool.family(v4), cidr)));
      }
    }
    return rows;
  }

  private static PoolStatus status(NodePool family, IpPrefix cidr) {
    var allocated = new TreeMap<IpAddress, String>();
    family
        .allocations()
        .forEach((address, owner) -> {
          if (cidr.contains(address)) {
            allocated.put(address, owner);
          }
        });
    return new PoolStatus(cidr, family.capacity(cidr), allocated);
  }

  private void tell() {
    if (requests.isEmpty()) {
      return;
    }
    var now = new ArrayList<PoolDemand>();
    for (var pool : pools.values()) {
      int v4 = families.v4() ? pool.needed(true) : 0;
      int v6 = families.v6() ? pool.needed(false) : 0;
      if (v4 > 0 || v6 > 0) {
        now.add(new PoolDemand(pool.name(), v4, v6));
      }
      giveBack(pool.v4, v4);
      giveBack(pool.v6, v6);
    }
    if (!now.equals(demands) || !unused.equals(givenBack)) {
      demands = List.copyOf(now);
      unused = Set.copyOf(givenBack);
      requests.get().need(demands, List.copyOf(unused));
    }
  }

  /** Whole CIDRs that nobody uses, as long as the others suffice for what is needed. */
  private void giveBack(NodePool family, int needed) {
    if (!settled) {
      return;
    }
    for (var cidr : family.cidrs().reversed()) {
      long left = family.capacity() - family.capacity(cidr);
      if (left >= needed && family.remove(cidr)) {
        givenBack.add(cidr);
      }
    }
  }

  private boolean enabled(boolean v4) {
    return v4 ? families.v4() : families.v6();
  }

  private AddressPool pool(String name) {
    return pools.computeIfAbsent(name, AddressPool::new);
  }

  /** The pool that has the address; the default one if none has. */
  private NodePool holder(IpAddress address) {
    return pools.values().stream()
        .filter(pool -> pool.cidrs().anyMatch(cidr -> cidr.contains(address)))
        .findFirst()
        .orElseGet(() -> pool(PoolDemand.DEFAULT))
        .family(address.isV4());
  }
}
