// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.ClusterSpec;
import io.jilium.test.kube.kit.ClusterSpec.PodNetwork;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Installing on a cluster that has a network already, and uninstalling. */
@Tag("kube")
@ResourceLock(JiliumCluster.OWN)
class CoexistenceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void setsTheOtherNetworksConfigurationAsideAndUninstallLeavesTheNodeAsItWas() {
    var spec =
        ClusterSpec.of("other-" + ProcessHandle.current().pid())
            .withNodes(1)
            .withoutDns()
            .withNetwork(PodNetwork.BRIDGE);
    try (var cluster = JiliumCluster.withoutNetwork(spec)) {
      var node = cluster.nodes().getFirst();
      String before = Inventory.ofNetwork(node);
      assertThat(before).contains("/etc/cni/net.d/10-bridge.conflist");

      cluster.install();
      assertThat(node.exec("ls", "/etc/cni/net.d").run())
          .doesNotContainPattern("(?m)^10-bridge\\.conflist$")
          .contains("jilium");
      var pod = cluster.run(PodSpec.named("ours").on(node));
      assertThat(cluster.kubectl("get", "ciliumendpoints")).contains("ours");
      cluster.delete(pod.getFirst());

      cluster.jilium("uninstall");
      JiliumCluster.eventually(
          "the node is as it was",
          PATIENCE,
          () -> assertThat(Inventory.ofNetwork(node)).isEqualTo(before));
      var theirs = cluster.run(PodSpec.named("theirs").on(node));
      assertThat(theirs.getFirst().address()).startsWith("10.244.");
    }
  }
}
