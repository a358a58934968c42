// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node of the cluster.
 *
 * @param podCidrs of both families, in the order in which they were assigned
 * @param healthAddresses of its health endpoint, at most one per family
 * @param bootId changes when the machine boots; empty when not known
 */
public record Node(
    String name,
    String cluster,
    int clusterId,
    List<NodeAddress> addresses,
    List<IpPrefix> podCidrs,
    List<IpAddress> healthAddresses,
    Map<String, String> labels,
    String bootId) {

  /** Copies. */
  public Node {
    addresses = List.copyOf(addresses);
    podCidrs = List.copyOf(podCidrs);
    healthAddresses = List.copyOf(healthAddresses);
    labels = Map.copyOf(labels);
  }

  /** {@code cluster/name}. */
  public String fullName() {
    return cluster + "/" + name;
  }

  /** The first address of the type and family. */
  public Optional<IpAddress> address(NodeAddress.Type type, boolean v4) {
    return addresses.stream()
        .filter(address -> address.type() == type && address.address().isV4() == v4)
        .map(NodeAddress::address)
        .findFirst();
  }

  /** The address that other nodes use: internal, else external. */
  public Optional<IpAddress> address(boolean v4) {
    return address(NodeAddress.Type.INTERNAL_IP, v4)
        .or(() -> address(NodeAddress.Type.EXTERNAL_IP, v4));
  }

  /** The address of cilium_host. */
  public Optional<IpAddress> routerAddress(boolean v4) {
    return address(NodeAddress.Type.CILIUM_INTERNAL_IP, v4);
  }

  /** The address of the health endpoint. */
  public Optional<IpAddress> healthAddress(boolean v4) {
    return healthAddresses.stream().filter(address -> address.isV4() == v4).findFirst();
  }

  /** The first pod CIDR of the family. */
  public Optional<IpPrefix> podCidr(boolean v4) {
    return podCidrs(v4).stream().findFirst();
  }

  /** All pod CIDRs of the family. */
  public List<IpPrefix> podCidrs(boolean v4) {
    return podCidrs.stream().filter(prefix -> prefix.isV4() == v4).toList();
  }
}
