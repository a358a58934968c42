// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.endpoint.PodAddresses;
import io.jilium.agent.state.PoolStatus;
import io.jilium.core.ipam.Claim;
import io.jilium.core.ipam.NodePool;
import io.jilium.core.ipam.PoolExhaustedException;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The addresses of the node's pod CIDRs and who has them. Any thread. */
public final class NodeAddresses implements PodAddresses {
  private final Settings.Families families;
  private final NodePool ipv4 = new NodePool(List.of());
  private final NodePool ipv6 = new NodePool(List.of());

  public NodeAddresses(Settings.Families families) {
    this.families = families;
  }

  /**
   * Adds new CIDRs and drops those that nobody uses any more; returns the CIDRs that stay only
   * because they are in use.
   */
  public synchronized List<IpPrefix> assign(List<IpPrefix> cidrs) {
    var lingering = new ArrayList<IpPrefix>();
    for (var pool : List.of(ipv4, ipv6)) {
      for (var cidr : pool.cidrs()) {
        if (!cidrs.contains(cidr) && !pool.remove(cidr)) {
          lingering.add(cidr);
        }
      }
    }
    cidrs.stream()
        .filter(cidr -> enabled(cidr.isV4()))
        .forEach(cidr -> pool(cidr.isV4()).add(cidr));
    return lingering;
  }

  public synchronized boolean has(boolean v4) {
    return !pool(v4).cidrs().isEmpty();
  }

  /** Whether every enabled family has a pod CIDR. */
  public synchronized boolean complete() {
    return (!families.v4() || has(true)) && (!families.v6() || has(false));
  }

  @Override
  public synchronized List<IpAddress> allocate(String owner) {
    var taken = new ArrayList<IpAddress>();
    try {
      for (boolean v4 : new boolean[] {true, false}) {
        if (enabled(v4)) {
          taken.add(allocateOne(v4, owner));
        }
      }
      return taken;
    } catch (ExhaustedException e) {
      release(taken);
      throw e;
    }
  }

  synchronized IpAddress allocateOne(boolean v4, String owner) {
    if (!has(v4)) {
      throw new ExhaustedException("the node has no IPv" + (v4 ? 4 : 6) + " pod CIDR yet");
    }
    try {
      return pool(v4).allocate(owner);
    } catch (PoolExhaustedException e) {
      throw new ExhaustedException(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public synchronized void reserve(List<IpAddress> addresses, String owner) {
    var taken = new ArrayList<IpAddress>();
    for (var address : addresses) {
      boolean had = pool(address.isV4()).owner(address).isPresent();
      var problem = reserveOne(address, owner);
      if (problem.isPresent()) {
        release(taken);
        throw new IllegalStateException(problem.get());
      }
      if (!had) {
        taken.add(address);
      }
    }
  }

  /** Why the address cannot be had, one sentence; empty: it is taken. */
  synchronized Optional<String> reserveOne(IpAddress address, String owner) {
    return switch (pool(address.isV4()).claim(address, owner)) {
      case Claim.Granted() -> Optional.empty();
      case Claim.Taken(String holder) ->
          Optional.of("address " + address + " is taken by " + holder);
      case Claim.Outside() -> Optional.of("address " + address + " is in no pod CIDR of the node");
    };
  }

  @Override
  public synchronized void release(List<IpAddress> addresses) {
    for (var address : addresses) {
      var _ = pool(address.isV4()).release(address);
    }
  }

  /** One row per CIDR. */
  public synchronized List<PoolStatus> status() {
    var rows = new ArrayList<PoolStatus>();
    for (var pool : List.of(ipv4, ipv6)) {
      for (var cidr : pool.cidrs()) {
        var allocated = new TreeMap<IpAddress, String>();
        pool.allocations()
            .forEach((address, owner) -> {
              if (cidr.contains(address)) {
                allocated.put(address, owner);
              }
            });
        rows.add(new PoolStatus(cidr, new NodePool(List.of(cidr)).capacity(), allocated));
      }
    }
    return rows;
  }

  private boolean enabled(boolean v4) {
    return v4 ? families.v4() : families.v6();
  }

  private NodePool pool(boolean v4) {
    return v4 ? ipv4 : ipv6;
  }
}
