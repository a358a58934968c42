// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.IpPrefix;
import java.util.List;

/**
 * The part of a CiliumNode that concerns the operator.
 *
 * @param error what the operator said last, empty when all was well
 * @param revision of this state, to change nothing that somebody else changed
 */
public record CiliumNodeState(String name, List<IpPrefix> podCidrs, String error, long revision) {
  /** Copies. */
  public CiliumNodeState {
    podCidrs = List.copyOf(podCidrs);
  }
}
