// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the scenarios work with.
 *
 * @param clients on the first node
 * @param echoes servers: on the first node, and on another when there is one
 * @param hosts pods in the namespaces of their nodes
 * @param nodes addresses by name of node
 * @param services in front of each server
 * @param externalTarget a URL in the world
 * @param clusterDns whether names of services can be asked for
 */
record TestBed(
    List<Peer> clients,
    List<Peer> echoes,
    List<Peer> hosts,
    Map<String, List<String>> nodes,
    List<EchoService> services,
    String externalTarget,
    boolean clusterDns) {

  /** A service of type NodePort with one server behind. */
  record EchoService(String name, List<String> addresses, int nodePort, Peer backend) {}

  /** Copies. */
  TestBed {
    clients = List.copyOf(clients);
    echoes = List.copyOf(echoes);
    hosts = List.copyOf(hosts);
    nodes = Map.copyOf(nodes);
    services = List.copyOf(services);
  }

  Peer client() {
    return clients.getFirst();
  }

  /** Addresses of all nodes that the test uses, in the order of the servers. */
  Stream<String> testNodes() {
    return Stream.concat(clients.stream(), echoes.stream()).map(Peer::node).distinct();
  }
}
