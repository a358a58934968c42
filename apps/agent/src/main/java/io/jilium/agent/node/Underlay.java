// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * A device towards other nodes and the world.
 *
 * @param addresses global ones, primary first
 * @param networks the prefixes that are on the link
 */
public record Underlay(
    String name,
    int index,
    int mtu,
    MacAddress mac,
    List<IpAddress> addresses,
    List<IpPrefix> networks) {
  public Underlay {
    addresses = List.copyOf(addresses);
    networks = List.copyOf(networks);
  }

  public boolean isOnLink(IpAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /** The first address of the family. */
  public Optional<IpAddress> address(boolean v4) {
    return addresses.stream().filter(address -> address.isV4() == v4).findFirst();
  }
}
