// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One pod CIDR of the node.
 *
 * @param capacity addresses that can be given out
 * @param allocated address → owner, in order of the addresses
 */
public record PoolStatus(IpPrefix cidr, long capacity, SortedMap<IpAddress, String> allocated) {
  public PoolStatus {
    allocated = Collections.unmodifiableSortedMap(new TreeMap<>(allocated));
  }
}
