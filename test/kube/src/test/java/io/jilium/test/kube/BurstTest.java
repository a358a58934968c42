// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.ClusterSpec;
import io.jilium.test.kube.kit.ClusterSpec.PodNetwork;
import io.jilium.test.kube.kit.KubeCluster;
import io.jilium.test.kube.kit.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Many pods at once. */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
@ExtendWith(TunnelCluster.class)
class BurstTest {
  private static final int AT_ONCE = 30;
  private static final int WAVES = 5;
  private static final int IN_A_WAVE = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Removed pods give nodes work for some seconds more, which must not be the other network's. */
  private static final Duration REST = Duration.ofSeconds(8);

  private final JiliumCluster cluster;

  BurstTest(JiliumCluster cluster) {
    this.cluster = cluster;
  }

  /** The figures are printed; what a busy machine makes of them is no reason to fail. */
  @Test
  void thirtyPodsAreReadyAndLeaveNothing() {
    var before = inventories();
    var took = burst(cluster.kube(), AT_ONCE);
    JiliumCluster.eventually(
        "the nodes are as before", PATIENCE, () -> assertThat(inventories()).isEqualTo(before));
    System.out.printf("30 pods ready: Jilium %.1f s%n", seconds(took));
    assertThat(took).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  @Tag("full")
  void thirtyPodsAreReadyNoLaterThanWithTheBridgePlugin() {
    var spec =
        ClusterSpec.of("bridge-" + ProcessHandle.current().pid()).withNetwork(PodNetwork.BRIDGE);
    try (var bridge = KubeCluster.assumed(spec)) {
      // Alternating, so that what else the machine does meets both; the first of each warms up.
      var jilium = new TreeSet<Duration>();
      var plain = new TreeSet<Duration>();
      for (int round = 0; round < 4; round++) {
        Waiting.pause(REST);
        var ours = burst(cluster.kube(), AT_ONCE);
        Waiting.pause(REST);
        var theirs = burst(bridge, AT_ONCE);
        if (round > 0) {
          jilium.add(ours);
          plain.add(theirs);
        }
      }
      System.out.printf(
          "30 pods ready: Jilium %.1f to %.1f s, bridge %.1f to %.1f s%n",
          seconds(jilium.first()),
          seconds(jilium.last()),
          seconds(plain.first()),
          seconds(plain.last()));
      assertThat(jilium.first()).isLessThanOrEqualTo(plain.last());
    }
  }

  @Test
  @Tag("full")
  void fiveHundredPodsInWavesLeaveNothingOnNodeApiOrDisk() {
    var before = inventories();
    String objects = objects();
    for (int wave = 0; wave < WAVES; wave++) {
      burst(cluster.kube(), IN_A_WAVE);
    }
    JiliumCluster.eventually(
        "the nodes are as before", PATIENCE, () -> assertThat(inventories()).isEqualTo(before));
    JiliumCluster.eventually(
        "the API is as before", PATIENCE, () -> assertThat(objects()).isEqualTo(objects));
  }

  /** From the request until every pod is ready; the pods are removed afterwards. */
  private static Duration burst(KubeCluster cluster, int pods) {
    try {
      var began = Instant.now();
      cluster.apply(deployment(cluster.image("agnhost"), pods));
      cluster.kubectl("rollout", "status", "deployment/burst", "--timeout=180s");
      return Duration.between(began, Instant.now());
    } finally {
      cluster.kubectl("delete", "deployment", "burst", "--cascade=foreground");
      cluster.kubectl("wait", "--for=delete", "pod", "-l", "app=burst", "--timeout=180s");
    }
  }

  private static String deployment(String image, int pods) {
    return """
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "burst", "namespace": "default"},
     "spec": {"replicas": %d, "selector": {"matchLabels": {"app": "burst"}},
      "template": {"metadata": {"labels": {"app": "burst"}},
       "spec": {"terminationGracePeriodSeconds": 0, "containers": [
        {"name": "pause", "image": "%s", "imagePullPolicy": "Never"}]}}}}
    """
        .formatted(pods, image);
  }

  private List<String> inventories() {
    return cluster.nodes().stream().map(Inventory::ofPods).toList();
  }

  private String objects() {
    return cluster.kubectl(
        "get", "ciliumendpoints,ciliumidentities,ciliumendpointslices", "-A", "-o", "name");
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }
}
