// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * What happens to a cluster: all of it during a ping of a thousand packets a second between two
 * nodes, of which none may be lost.
 */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
@ExtendWith(TunnelCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadDaysTest {
  /** Kubelets try again ever more seldom: a longer one is mostly waited out by them. */
  private static final Duration OUTAGE = Duration.ofSeconds(10);

  private static final Duration LONG_OUTAGE = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final JiliumCluster cluster;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Ping ping;

  private List<Pod> pods = List.of();

  BadDaysTest(JiliumCluster cluster) {
    this.cluster = cluster;
  }

  @BeforeAll
  void makePods() {
    pods =
        cluster.run(
            PodSpec.named("near").on(cluster.nodes().getFirst()),
            PodSpec.named("far").on(cluster.nodes().getLast()));
  }

  @AfterAll
  void removePods() {
    cluster.delete(pods.toArray(Pod[]::new));
  }

  @BeforeEach
  void startPing() {
    ping = Ping.start(pods.getFirst(), pods.getLast());
  }

  @AfterEach
  void stopPing() {
    ping.close();
  }

  @Test
  void anAgentsPodIsDeleted() {
    for (var node : cluster.nodes()) {
      String agent = cluster.agent(node);
      cluster.kubectl("-n", "kube-system", "delete", "pod", agent, "--timeout=60s");
    }
    cluster.awaitRollout();
    ping.assertNothingLost();
    newPodsTalk("after-agent");
  }

  @Test
  void anAgentIsKilledWithoutAWord() {
    var node = cluster.nodes().getFirst();
    String agent = cluster.agent(node);
    cluster.kubectl(
        "-n",
        "kube-system",
        "delete",
        "pod",
        agent,
        "--grace-period=0",
        "--force",
        "--timeout=60s");
    cluster.awaitRollout();
    ping.assertNothingLost();
  }

  @Test
  void theAgentsAreUpgradedAndRolledBack() {
    cluster.jilium("upgrade", "--set", "debug.enabled=true");
    cluster.awaitRollout();
    assertThat(setting("debug")).isEqualTo("true");
    cluster.jilium("upgrade", "--set", "debug.enabled=false");
    cluster.awaitRollout();
    assertThat(setting("debug")).isEqualTo("false");
    ping.assertNothingLost();
    newPodsTalk("after-upgrade");
  }

  @Test
  void theOperatorIsKilled() {
    cluster.kubectl(
        "-n",
        "kube-system",
        "delete",
        "pod",
        "-l",
        "io.cilium/app=operator",
        "--grace-period=0",
        "--force");
    newPodsTalk("without-operator");
    cluster.awaitRollout();
    ping.assertNothingLost();
  }

  @Test
  void theApiServerIsAwayAndAPodThatWasMadeMeanwhileStartsWhenItIsBack() {
    outage(OUTAGE);
  }

  @Test
  @Tag("full")
  void theApiServerIsAwayForTwoMinutes() {
    outage(LONG_OUTAGE);
  }

  private void outage(Duration length) {
    var node = cluster.nodes().getFirst();
    var control = cluster.kube().controlPlane();
    control.stopApiServer();
    try {
      Waiting.pause(length);
      cluster.assertAllTalk(pods);
    } finally {
      control.startApiServer();
    }
    newPodsTalk("after-outage");
    JiliumCluster.eventually(
        "the agent is well again",
        PATIENCE,
        () ->
            assertThat(
                    cluster.kubectl(
                        "-n", "kube-system", "exec", cluster.agent(node), "--", "jilium", "status"))
                .containsPattern("Kubernetes:\\s+Ok"));
    ping.assertNothingLost();
  }

  @Test
  void etcdIsRestoredFromASnapshot(@TempDir Path directory) {
    var snapshot = directory.resolve("snapshot.db");
    cluster.kube().controlPlane().snapshot(snapshot);
    var lost = cluster.run(PodSpec.named("lost").on(cluster.nodes().getLast()));
    cluster.kube().controlPlane().restore(snapshot);
    // The API does not know the pod any more: the kubelet ends it.
    JiliumCluster.eventually(
        "what was made since the snapshot is gone",
        PATIENCE,
        () -> assertThat(cluster.kubectl("get", "pods,ciliumendpoints")).doesNotContain("lost"));
    assertThat(lost).hasSize(1);
    newPodsTalk("after-restore");
    ping.assertNothingLost();
  }

  @Test
  void aNodeComesIsDrainedAndGoes() {
    var node = cluster.kube().addNode();
    node.load(Launcher.image());
    cluster.kubectl("wait", "--for=condition=Ready", "node/" + node.name(), "--timeout=120s");
    cluster.route();
    var there = cluster.run(PodSpec.named("on-new-node").on(node));
    cluster.assertAllTalk(List.of(pods.getFirst(), pods.getLast(), there.getFirst()));
    cluster.kubectl(
        "drain",
        node.name(),
        "--ignore-daemonsets",
        "--force",
        "--delete-emptydir-data",
        "--timeout=60s");
    cluster.kube().removeNode(node);
    JiliumCluster.eventually(
        "the node is forgotten",
        PATIENCE,
        () -> {
          assertThat(cluster.kubectl("get", "ciliumnodes")).doesNotContain(node.name());
          for (var other : cluster.nodes()) {
            assertThat(other.exec("ip", "route").run()).doesNotContain(node.address());
          }
        });
    ping.assertNothingLost();
  }

  /** New pods start on every node and are reached. */
  private void newPodsTalk(String name) {
    var fresh =
        cluster.run(
            PodSpec.named(name + "-1").on(cluster.nodes().getFirst()),
            PodSpec.named(name + "-2").on(cluster.nodes().getLast()));
    JiliumCluster.eventually("new pods talk", PATIENCE, () -> cluster.assertAllTalk(fresh));
    cluster.delete(fresh.toArray(Pod[]::new));
  }

  private String setting(String flag) {
    return cluster
        .get("-n", "kube-system", "configmap", "jilium-config")
        .at("/data/" + flag)
        .asText();
  }
}
