// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.TrafficPolicy;
import java.util.List;

/**
 * An address and port of a service and what becomes of connections to it.
 *
 * @param name of the service, or of the pod of a host port
 * @param port the name of the service's port
 * @param inside for connections of pods and nodes
 * @param outside for connections from outside the cluster
 */
public record Frontend(
    PortAddress address,
    FrontendType type,
    ServiceName name,
    String port,
    BackendSet inside,
    BackendSet outside,
    Policy policy) {

  /**
   * What else decides.
   *
   * @param external {@link TrafficPolicy#LOCAL}: the client's address is preserved
   * @param affinitySeconds how long a client keeps its backend; 0: no affinity
   * @param ranges sources that may use it, or that may not; empty: no such rule
   * @param rangesDeny whether the ranges are those that may not
   * @param fromOutside whether it serves the outside at all
   */
  public record Policy(
      TrafficPolicy internal,
      TrafficPolicy external,
      int affinitySeconds,
      List<IpPrefix> ranges,
      boolean rangesDeny,
      boolean fromOutside) {
    /** Copies. */
    public Policy {
      ranges = List.copyOf(ranges);
    }
  }

  /** What it belongs to. */
  public Owner owner() {
    return new Owner(name, type == FrontendType.HOST_PORT);
  }

  /** The backends for connections from there. */
  public BackendSet backends(boolean fromOutside) {
    return fromOutside ? outside : inside;
  }
}
