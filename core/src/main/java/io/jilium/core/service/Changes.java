// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What became of the changes since the last time.
 *
 * @param frontends those that are new, changed, or gone (empty)
 * @param addresses that belong to services as a whole: connections to ports that they do not have
 *     are refused; new, changed, or gone (empty)
 * @param backends what owners list now, by owner, where that changed
 * @param cuts flows that must not go on
 * @param problems what cannot be done as it is asked for, a sentence each, by owner, where that
 *     changed; what somebody else has taken is not among them
 */
public record Changes(
    Map<PortAddress, Optional<Frontend>> frontends,
    Map<IpAddress, Optional<FrontendType>> addresses,
    Map<Owner, List<Backend>> backends,
    List<Cut> cuts,
    Map<Owner, List<String>> problems) {
  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return frontends.isEmpty() && addresses.isEmpty() && backends.isEmpty() && cuts.isEmpty();
  }

  /**
   * Connectionless flows that still go to a backend which does not serve any more: to be cut after
   * the frontends have changed.
   *
   * @param frontends through which they came
   */
  public record Cut(PortAddress backend, List<PortAddress> frontends) {}
}
