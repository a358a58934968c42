// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.jilium.cli.cluster.PodShell;
import java.util.List;

/**
 * A pod of the test.
 *
 * @param addresses one per family
 */
record Peer(String namespace, String name, String node, List<String> addresses) {
  static final int PORT = 8080;
  static final String CONTAINER = "main";

  /** Copies. */
  Peer {
    addresses = List.copyOf(addresses);
  }

  static Peer of(Pod pod) {
    return new Peer(
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        pod.getSpec().getNodeName(),
        pod.getStatus().getPodIPs().stream().map(PodIP::getIp).toList());
  }

  PodShell.Place place() {
    return new PodShell.Place(namespace, name, CONTAINER);
  }

  static boolean isV4(String address) {
    return address.indexOf(':') < 0;
  }

  static String family(String address) {
    return isV4(address) ? "ipv4" : "ipv6";
  }

  /** {@code address:port}, in brackets where needed. */
  static String socket(String address, int port) {
    return isV4(address) ? address + ":" + port : "[" + address + "]:" + port;
  }

  @Override
  public String toString() {
    return "%s/%s (%s)".formatted(namespace, name, addresses.isEmpty() ? "" : addresses.getFirst());
  }
}
