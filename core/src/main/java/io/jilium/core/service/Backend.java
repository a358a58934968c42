// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice.Hints;

/**
 * An endpoint behind a port of a service.
 *
 * @param node empty when not known
 * @param zone empty when not known
 * @param weight its share where Maglev chooses, see {@link Weight}
 */
public record Backend(
    PortAddress address, BackendState state, String node, String zone, Hints hints, int weight) {
  /** Whether it is on that node. */
  boolean isOn(String name) {
    return !node.isEmpty() && node.equals(name);
  }
}
