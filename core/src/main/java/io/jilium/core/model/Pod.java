// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Map;

/**
 * What the cluster says of a pod.
 *
 * @param nodeName empty until scheduled
 * @param serviceAccount empty means {@code default}
 * @param addresses as far as known
 * @param hostPorts none for a pod in the node's network
 */
public record Pod(
    PodName id,
    String nodeName,
    String serviceAccount,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<IpAddress> addresses,
    boolean hostNetwork,
    List<HostPort> hostPorts) {

  /** Copies. */
  public Pod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    addresses = List.copyOf(addresses);
    hostPorts = List.copyOf(hostPorts);
  }

  /**
   * A port of the node that leads to a port of the pod.
   *
   * @param addresses of the node; empty means all of them
   */
  public record HostPort(List<IpAddress> addresses, int port, int podPort, Protocol protocol) {
    /** Copies. */
    public HostPort {
      addresses = List.copyOf(addresses);
    }
  }

  /** The pod's namespace. */
  public String namespace() {
    return id.namespace();
  }

  /** The pod's name. */
  public String name() {
    return id.name();
  }
}
