// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.ipam.Claim;
import io.jilium.core.ipam.NodePool;
import io.jilium.core.ipam.PoolExhaustedException;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PodName;
import java.util.List;

/** Addresses of two fixed CIDRs. */
final class PoolAddresses implements PodAddresses {
  private final NodePool ipv4;
  private final NodePool ipv6;

  PoolAddresses(String ipv4, String ipv6) {
    this.ipv4 = new NodePool(List.of(PodCidr.parse(ipv4)));
    this.ipv6 = new NodePool(List.of(PodCidr.parse(ipv6)));
  }

  @Override
  public synchronized List<IpAddress> allocate(String owner, PodName pod) {
    try {
      return List.of(ipv4.allocate(owner), ipv6.allocate(owner));
    } catch (PoolExhaustedException e) {
      throw new ExhaustedException(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public synchronized void reserve(List<IpAddress> addresses, String owner) {
    for (var address : addresses) {
      if (!(pool(address).claim(address, owner) instanceof Claim.Granted)) {
        throw new IllegalStateException(address + " is not free");
      }
    }
  }

  @Override
  public boolean retired(List<IpAddress> addresses) {
    return false;
  }

  @Override
  public synchronized void release(List<IpAddress> addresses) {
    addresses.forEach(address -> pool(address).release(address));
  }

  private NodePool pool(IpAddress address) {
    return address.isV4() ? ipv4 : ipv6;
  }
}
