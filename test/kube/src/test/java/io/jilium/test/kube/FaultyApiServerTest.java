// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.FaultyApi;
import io.jilium.test.kube.kit.FaultyApi.Faults;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Agents and operator behind an API server that is slow, overloaded, forgetful and newer. */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
@ExtendWith(TunnelCluster.class)
class FaultyApiServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final JiliumCluster cluster;

  FaultyApiServerTest(JiliumCluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void podsStartAndTalkThoughTheApiServerIsBad() {
    try (var faulty = FaultyApi.before(cluster.kube())) {
      through(faulty.url().getHost(), faulty.url().getPort());
      faulty.have(
          Faults.NONE
              .slow(Duration.ofMillis(200))
              .refusing(429, 5)
              .cuttingWatches(Duration.ofSeconds(3))
              .withUnknownFields());
      faulty.cut();
      podsTalk("slow");
      faulty.have(Faults.NONE.refusing(410, 3).cuttingWatches(Duration.ofSeconds(2)));
      podsTalk("forgetful");
      assertThat(faulty.refused()).isPositive();
      assertThat(faulty.cutWatches()).isPositive();
    } finally {
      through("", 0);
    }
  }

  /** Has Jilium reach the API server there; an empty host: as in the beginning. */
  private void through(String host, int port) {
    cluster.jilium(
        "upgrade",
        "--set",
        "k8sServiceHost=" + host,
        "--set",
        "k8sServicePort=" + (host.isEmpty() ? "" : Integer.toString(port)));
    cluster.awaitRollout();
  }

  private void podsTalk(String name) {
    List<Pod> pods =
        cluster.run(
            PodSpec.named(name + "-1").on(cluster.nodes().getFirst()),
            PodSpec.named(name + "-2").on(cluster.nodes().getLast()));
    JiliumCluster.eventually("pods talk", PATIENCE, () -> cluster.assertAllTalk(pods));
    cluster.delete(pods.toArray(Pod[]::new));
  }
}
