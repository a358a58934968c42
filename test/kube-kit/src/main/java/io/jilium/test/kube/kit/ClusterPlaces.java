// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.nio.file.Path;

/** Where a cluster keeps its files, and what its namespaces and control groups are called. */
record ClusterPlaces(String name) {
  /** A dot ends the cluster's name: no cluster's names begin like another's. */
  private static final String PREFIX = "jilium-kube.";

  static final Path NAMED_NAMESPACES = Path.of("/run/netns");

  static Path all() {
    return KubePrograms.cache().resolve("clusters");
  }

  Path directory() {
    return all().resolve(name);
  }

  Path spec() {
    return directory().resolve("cluster.properties");
  }

  /** The number N of its 192.168.N.0/24. */
  Path subnet() {
    return directory().resolve("subnet");
  }

  Path adminKubeconfig() {
    return directory().resolve("admin.conf");
  }

  Path kubeconfig(String user) {
    return directory().resolve(user + ".conf");
  }

  /** The API server's certificate chain. */
  Path certificate() {
    return directory().resolve("certificates/apiserver.crt");
  }

  /** The certificate with which the API server comes to the kubelets. */
  Path kubeletClient() {
    return directory().resolve("kubelet-client.crt");
  }

  /** What a node keeps over its restarts. */
  Path node(String node) {
    return directory().resolve("nodes").resolve(node);
  }

  /** Of everything on the machine that belongs to this cluster. */
  String prefix() {
    return PREFIX + name + ".";
  }

  /** The network namespace of etcd and the control plane. */
  String controlNamespace() {
    return prefix() + "control";
  }

  /** The network namespace of a node, and its control group. */
  String nodeNamespace(String node) {
    return prefix() + node;
  }

  static Path namespaceFile(String namespace) {
    return NAMED_NAMESPACES.resolve(namespace);
  }
}
