// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpAddress;
import java.util.Set;

/**
 * What decisions take from the node on which they are made.
 *
 * @param zone the label {@code topology.kubernetes.io/zone}, empty when not set
 * @param nodeAddresses of all nodes of the cluster: a load balancer that has one of them owns the
 *     port alone, not the whole address
 */
public record NodeFacts(String name, String zone, Set<IpAddress> nodeAddresses) {
  /** Copies. */
  public NodeFacts {
    nodeAddresses = Set.copyOf(nodeAddresses);
  }
}
