// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/**
 * A port of a service. Endpoint slices say by the same name and protocol what it leads to.
 *
 * @param name empty when the service has one port only
 * @param nodePort 0 when there is none
 * @param target number or name of the pods' port; empty: the same number
 */
public record ServicePort(String name, Protocol protocol, int port, int nodePort, String target) {
  /** Refuses numbers that are no ports. */
  public ServicePort {
    if (!protocol.hasPorts()) {
      throw new IllegalArgumentException("protocol " + protocol.text() + " has no ports");
    }
    if (port < 1 || port > 0xffff) {
      throw new IllegalArgumentException("port " + port + " is not from 1 to 65535");
    }
    if (nodePort < 0 || nodePort > 0xffff) {
      throw new IllegalArgumentException("nodePort " + nodePort + " is not from 0 to 65535");
    }
  }
}
