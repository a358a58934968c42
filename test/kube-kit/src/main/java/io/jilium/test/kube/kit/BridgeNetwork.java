// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.util.List;

/**
 * The plainest pod network that Kubernetes accepts, to compare with: the reference plugins with a
 * bridge on each node, and static routes between the nodes.
 */
final class BridgeNetwork {
  private static final String PLUGINS = "/usr/lib/cni";

  private BridgeNetwork() {}

  static void install(KubeCluster cluster) {
    for (KubeNode node : cluster.nodes()) {
      String cidr = cluster.podCidr(node);
      for (KubeNode other : cluster.nodes()) {
        if (other != node) {
          cluster.network().routeFromNode(other.name(), cidr, node.number());
        }
      }
      for (String plugin : List.of("bridge", "host-local", "portmap")) {
        node.exec("cp", PLUGINS + "/" + plugin, "/opt/cni/bin/").run();
      }
      node.exec("tee", "/etc/cni/net.d/10-bridge.conflist").input(configuration(cidr)).run();
    }
  }

  private static String configuration(String cidr) {
    return """
    {"name": "bridge", "cniVersion": "0.4.0", "plugins": [
      {"type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true,
       "ipam": {"type": "host-local", "ranges": [[{"subnet": "%s"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
      {"type": "portmap", "capabilities": {"portMappings": true}}
    ]}
    """
        .formatted(cidr);
  }
}
