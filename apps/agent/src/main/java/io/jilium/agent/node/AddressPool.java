// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.ipam.NodePool;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.PoolDemand;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** One pool's CIDRs on this node, of both families, and how much of it is needed. */
final class AddressPool {
  /** Kept free in the default pool, and what its needs are rounded up to (Cilium's default). */
  private static final int PRE_ALLOCATED = 8;

  /** Whoever did not get an address asks again within this time. */
  private static final long PENDING_NANOS = Duration.ofMinutes(5).toNanos();

  private final String name;
  final NodePool v4 = new NodePool(List.of());
  final NodePool v6 = new NodePool(List.of());
  private long wantedV4At;
  private long wantedV6At;

  AddressPool(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  NodePool family(boolean isV4) {
    return isV4 ? v4 : v6;
  }

  Stream<IpPrefix> cidrs() {
    return Stream.concat(v4.cidrs().stream(), v6.cidrs().stream());
  }

  /** Somebody got no address. */
  void wanted(boolean isV4) {
    if (isV4) {
      wantedV4At = System.nanoTime();
    } else {
      wantedV6At = System.nanoTime();
    }
  }

  void satisfied(boolean isV4) {
    if (isV4) {
      wantedV4At = 0;
    } else {
      wantedV6At = 0;
    }
  }

  /** Addresses needed: those in use, one for whoever waits, and some in advance. */
  int needed(boolean isV4) {
    long wantedAt = isV4 ? wantedV4At : wantedV6At;
    boolean waiting = wantedAt != 0 && System.nanoTime() - wantedAt < PENDING_NANOS;
    int least = family(isV4).used() + (waiting ? 1 : 0);
    return name.equals(PoolDemand.DEFAULT)
        ? ((least + PRE_ALLOCATED - 1) / PRE_ALLOCATED + 1) * PRE_ALLOCATED
        : least;
  }
}
