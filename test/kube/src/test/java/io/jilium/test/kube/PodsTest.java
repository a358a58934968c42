// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Pods' ordinary life, as kubelet and the API drive it. */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
@ExtendWith(TunnelCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final JiliumCluster cluster;
  private List<Pod> pods = List.of();

  PodsTest(JiliumCluster cluster) {
    this.cluster = cluster;
  }

  @BeforeAll
  void start() {
    var first = cluster.nodes().getFirst();
    var last = cluster.nodes().getLast();
    pods =
        cluster.run(
            PodSpec.named("here").on(first),
            PodSpec.named("beside").on(first),
            PodSpec.named("there").on(last));
  }

  @AfterAll
  void end() {
    cluster.delete(pods.toArray(Pod[]::new));
  }

  @Test
  void talkInEveryPairingOverBothNodes() {
    cluster.assertAllTalk(pods);
  }

  @Test
  void talkWithPodsInTheNodesNetworkAndTheseWithThem() {
    var hosts = new ArrayList<PodSpec>();
    for (var node : cluster.nodes()) {
      hosts.add(PodSpec.named("host-" + node.name()).on(node).inHostNetwork());
    }
    var inHostNetwork = cluster.run(hosts.toArray(PodSpec[]::new));
    for (Pod host : inHostNetwork) {
      for (Pod pod : pods) {
        assertThat(cluster.fetch(host, pod.address() + ":8080").output())
            .as("%s to %s", host, pod)
            .isEqualTo(pod.name());
        assertThat(cluster.fetch(pod, host.address() + ":8080").output())
            .as("%s to %s", pod, host)
            .isEqualTo(host.node().name());
      }
    }
    cluster.delete(inHostNetwork.toArray(Pod[]::new));
  }

  @Test
  void areShownByTheApiWithNodesEndpointsAndIdentities() {
    String nodes = cluster.kubectl("get", "ciliumnodes", "-o", "wide");
    for (var node : cluster.nodes()) {
      assertThat(nodes).contains(node.name()).contains(node.address());
    }
    String endpoints = cluster.kubectl("get", "ciliumendpoints", "-o", "wide");
    for (Pod pod : pods) {
      assertThat(endpoints)
          .containsPattern(
              "(?m)^" + pod.name() + "\\s.*ready.*" + pod.address().replace(".", "\\."));
    }
    var identities = new TreeSet<String>();
    cluster
        .get("ciliumidentities")
        .get("items")
        .forEach(identity -> identities.add(identity.at("/security-labels/k8s:app").asText()));
    assertThat(identities).contains("here", "beside", "there");
  }

  @Test
  void thatHaveEndedHoldNoEndpointWhateverTheyEndedWith() {
    for (String ending : List.of("0", "1")) {
      cluster
          .kube()
          .apply(
              """
              {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ended-%1$s", "namespace": "default"},
               "spec": {"restartPolicy": "Never", "containers": [
                {"name": "end", "image": "%2$s", "imagePullPolicy": "Never", "command": ["sh", "-c", "exit %1$s"]}]}}
              """
                  .formatted(ending, cluster.kube().image("busybox")));
    }
    cluster.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/ended-0", "--timeout=60s");
    cluster.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Failed", "pod/ended-1", "--timeout=60s");
    JiliumCluster.eventually(
        "ended pods have no endpoint",
        PATIENCE,
        () -> assertThat(cluster.kubectl("get", "ciliumendpoints")).doesNotContain("ended-"));
    cluster.kubectl("delete", "pod", "ended-0", "ended-1");
  }

  @Test
  void ofADeletedNamespaceLeaveNothingThoughTheyTerminateSlowly() {
    cluster.kubectl("create", "namespace", "doomed");
    var before = inventories();
    var doomed =
        cluster.run(
            PodSpec.named("one").in("doomed").on(cluster.nodes().getFirst()),
            PodSpec.named("two").in("doomed").on(cluster.nodes().getLast()));
    cluster.kubectl("delete", "namespace", "doomed", "--wait=false");
    assertThat(doomed).hasSize(2);
    cluster.kubectl("wait", "--for=delete", "namespace/doomed", "--timeout=120s");
    JiliumCluster.eventually(
        "the nodes are as before", PATIENCE, () -> assertThat(inventories()).isEqualTo(before));
    assertThat(cluster.kubectl("get", "ciliumendpoints", "-A")).doesNotContain("doomed");
  }

  private List<String> inventories() {
    return cluster.nodes().stream().map(Inventory::ofPods).toList();
  }
}
