// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What an agent says of a cluster that is not as it must be. */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
@ExtendWith(TunnelCluster.class)
class PermissionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final JiliumCluster cluster;

  PermissionsTest(JiliumCluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void aRightThatIsMissingIsNamedInTheLog() {
    var node = cluster.nodes().getFirst();
    String role = cluster.kubectl("get", "clusterrole", "jilium", "-o", "json");
    try {
      // Every rule but the one that lets it see endpoints.
      cluster.kube().apply(RoleRules.without(role, "ciliumendpoints"));
      cluster.kubectl("-n", "kube-system", "delete", "pod", cluster.agent(node), "--timeout=60s");
      JiliumCluster.eventually(
          "the log names what is forbidden",
          PATIENCE,
          () ->
              assertThat(cluster.kubectl("-n", "kube-system", "logs", cluster.agent(node)))
                  .containsIgnoringCase("forbidden")
                  .contains("ciliumendpoints"));
    } finally {
      cluster.kube().apply(RoleRules.clean(role));
      cluster.kubectl("-n", "kube-system", "delete", "pod", cluster.agent(node), "--timeout=60s");
      cluster.awaitRollout();
    }
  }

  @Test
  void aSecondAgentOnANodeRefuses() {
    var node = cluster.nodes().getFirst();
    var second =
        cluster
            .kube()
            .kubectlCommand()
            .with(
                List.of(
                    "-n",
                    "kube-system",
                    "exec",
                    cluster.agent(node),
                    "-c",
                    "jilium-agent",
                    "--",
                    "jilium-agent",
                    "--k8s",
                    "--config-dir",
                    "/etc/jilium/config",
                    "--node",
                    node.name()))
            .attempt();
    assertThat(second.code()).isNotZero();
    assertThat(second.output()).contains("agent").containsPattern("(?i)already|another|second");
    assertThat(cluster.jilium("status", "--wait")).contains("OK");
  }
}
