// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.KubeNode;

/**
 * A pod with a web server on port 8080 that says the pod's name.
 *
 * @param node empty: where the scheduler likes
 */
record PodSpec(String namespace, String name, String node, boolean hostNetwork) {
  static PodSpec named(String name) {
    return new PodSpec("default", name, "", false);
  }

  PodSpec on(KubeNode where) {
    return new PodSpec(namespace, name, where.name(), hostNetwork);
  }

  PodSpec in(String other) {
    return new PodSpec(other, name, node, hostNetwork);
  }

  PodSpec inHostNetwork() {
    return new PodSpec(namespace, name, node, true);
  }

  String json(String image) {
    return """
    {"apiVersion": "v1", "kind": "Pod",
     "metadata": {"name": "%s", "namespace": "%s", "labels": {"app": "%s"}},
     "spec": {%s"hostNetwork": %s, "terminationGracePeriodSeconds": 1,
      "containers": [{"name": "web", "image": "%s", "imagePullPolicy": "Never", "args": ["netexec"],
       "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}}]}}
    """
        .formatted(
            name,
            namespace,
            name,
            node.isEmpty() ? "" : "\"nodeName\": \"%s\", ".formatted(node),
            hostNetwork,
            image);
  }
}
