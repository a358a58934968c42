// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.ClusterSpec.PodNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The fixture itself, with a network that is not Jilium's. */
@Tag("kube")
class KubeClusterTest {
  private final String name = "self-" + ProcessHandle.current().pid();

  @AfterEach
  void clean() {
    KubeCluster.remove(name);
  }

  @Test
  void podsTalkAndTheEndLeavesNothing() {
    var spec = ClusterSpec.of(name).withNetwork(PodNetwork.BRIDGE);
    try (var cluster = KubeCluster.assumed(spec)) {
      for (var node : cluster.nodes()) {
        cluster.apply(pod(cluster.image("agnhost"), node.name()));
      }
      cluster.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=60s");
      for (var from : cluster.nodes()) {
        for (var to : cluster.nodes()) {
          String address =
              cluster.kubectl("get", "pod", "on-" + to.name(), "-o", "jsonpath={.status.podIP}");
          assertThat(
                  cluster.kubectl(
                      "exec",
                      "on-" + from.name(),
                      "--",
                      "curl",
                      "-s",
                      "--max-time",
                      "5",
                      "http://%s:8080/hostname".formatted(address)))
              .isEqualTo("on-" + to.name());
        }
      }
    }
    assertThat(KubeCluster.traces(name)).isEmpty();
  }

  private static String pod(String image, String node) {
    return """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "on-%1$s", "namespace": "default"},
     "spec": {"nodeName": "%1$s", "terminationGracePeriodSeconds": 0, "containers": [
      {"name": "agnhost", "image": "%2$s", "args": ["netexec"],
       "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1}}]}}
    """
        .formatted(node, image);
  }
}
