// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Optional;

/**
 * One attached pod interface, or the host or health endpoint of a node.
 *
 * @param id 1 to 4095 for pods, unique on the node
 * @param containerId empty for the host and health endpoints
 * @param interfaceName the device on the node, {@code lxc…}
 * @param interfaceIndex its index, 0 when not known
 * @param containerInterface the device inside, {@code eth0}
 * @param namespacePath where the pod's network namespace is found, empty for the host
 * @param pod namespace and name, both empty for the host and health endpoints
 * @param identity {@link NumericIdentity#UNKNOWN} until allocated
 * @param mac of the device inside
 * @param nodeMac of the device on the node
 */
public record Endpoint(
    int id,
    String containerId,
    String interfaceName,
    int interfaceIndex,
    String containerInterface,
    String namespacePath,
    PodName pod,
    Labels labels,
    NumericIdentity identity,
    List<IpAddress> addresses,
    MacAddress mac,
    MacAddress nodeMac,
    EndpointState state) {

  /** Copies; refuses an id out of range and two addresses of one family. */
  public Endpoint {
    if (id < 1 || id > 0xffff) {
      throw new IllegalArgumentException("endpoint id " + id + " is not from 1 to 65535");
    }
    addresses = addresses.stream().sorted().toList();
    if (addresses.stream().filter(IpAddress::isV4).count() > 1
        || addresses.stream().filter(IpAddress::isV6).count() > 1) {
      throw new IllegalArgumentException(
          "endpoint " + id + " has two addresses of one family: " + addresses);
    }
  }

  /** The IPv4 address. */
  public Optional<IpAddress> ipv4() {
    return addresses.stream().filter(IpAddress::isV4).findFirst();
  }

  /** The IPv6 address. */
  public Optional<IpAddress> ipv6() {
    return addresses.stream().filter(IpAddress::isV6).findFirst();
  }

  /** The same endpoint in another state, which the transition table must allow. */
  public Endpoint withState(EndpointState next) {
    if (!state.canBecome(next)) {
      throw new IllegalStateException(
          "endpoint " + id + " is " + state.text() + " and cannot become " + next.text());
    }
    return copy(interfaceIndex, labels, identity, next);
  }

  /** The same endpoint with other labels and the identity that stands for them. */
  public Endpoint withIdentity(Labels newLabels, NumericIdentity newIdentity) {
    return copy(interfaceIndex, newLabels, newIdentity, state);
  }

  /** The same endpoint with its device at another index. */
  public Endpoint withInterfaceIndex(int newIndex) {
    return copy(newIndex, labels, identity, state);
  }

  private Endpoint copy(
      int newIndex, Labels newLabels, NumericIdentity newIdentity, EndpointState newState) {
    return new Endpoint(
        id,
        containerId,
        interfaceName,
        newIndex,
        containerInterface,
        namespacePath,
        pod,
        newLabels,
        newIdentity,
        addresses,
        mac,
        nodeMac,
        newState);
  }
}
