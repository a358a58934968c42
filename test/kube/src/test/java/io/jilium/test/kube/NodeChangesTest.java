// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.ClusterSpec;
import io.jilium.test.kube.kit.KubeNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A machine that comes by another address, and one that comes back as another node. */
@Tag("kube")
@Tag("full")
@ResourceLock(JiliumCluster.OWN)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeChangesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ANOTHER = 40;

  private JiliumCluster cluster;
  private List<Pod> pods = List.of();

  @SuppressWarnings("NullAway.Init") // set before all
  NodeChangesTest() {}

  @BeforeAll
  void start() {
    cluster =
        JiliumCluster.installed(
            ClusterSpec.of("changes-" + ProcessHandle.current().pid()).withoutDns());
    pods = podsOnEveryNode("before");
    cluster.assertAllTalk(pods);
  }

  @AfterAll
  void end() {
    cluster.close();
  }

  private List<Pod> podsOnEveryNode(String name) {
    var specs = new ArrayList<PodSpec>();
    for (var node : cluster.nodes()) {
      specs.add(PodSpec.named(name + "-" + node.name()).on(node));
    }
    return cluster.run(specs.toArray(PodSpec[]::new));
  }

  private KubeNode changed() {
    return cluster.nodes().getLast();
  }

  private String podCidr(String node) {
    return cluster.get("ciliumnode", node).at("/spec/ipam/podCIDRs/0").asText();
  }

  @Test
  @Order(1)
  void aNodeOfAnotherAddressIsReachedByIt() {
    String before = changed().address();
    changed().changeAddress(ANOTHER);
    cluster.kube().awaitRegistered(changed());
    JiliumCluster.eventually(
        "every node says the new address",
        PATIENCE,
        () -> {
          assertThat(cluster.kubectl("get", "ciliumnode", changed().name(), "-o", "json"))
              .contains(changed().address())
              .doesNotContain("\"" + before + "\"");
          for (var node : cluster.nodes()) {
            assertThat(ipcache(node))
                .contains("tunnelendpoint=" + tunnel(node))
                .doesNotContain(before);
          }
        });
    JiliumCluster.eventually("pods talk", PATIENCE, () -> cluster.assertAllTalk(pods));
    var fresh = podsOnEveryNode("readdressed");
    cluster.assertAllTalk(fresh);
    cluster.delete(fresh.toArray(Pod[]::new));
  }

  /** Where a node sends what is for the other one's pods. */
  private String tunnel(KubeNode from) {
    return from == changed() ? cluster.nodes().getFirst().address() : changed().address();
  }

  private String ipcache(KubeNode node) {
    return cluster.kubectl(
        "-n", "kube-system", "exec", cluster.agent(node), "--", "jilium", "bpf", "ipcache", "list");
  }

  @Test
  @Order(2)
  void aMachineThatComesBackAsAnotherNodeWithOtherPodAddresses() {
    String before = changed().name();
    String cidr = podCidr(before);
    cluster.kubectl("delete", "node", before);
    changed().changeName(ANOTHER);
    cluster.kube().awaitRegistered(changed());
    cluster.awaitRollout();
    assertThat(podCidr(changed().name())).isNotEqualTo(cidr);
    cluster.route();
    JiliumCluster.eventually(
        "what the former node had is forgotten",
        PATIENCE,
        () -> {
          assertThat(cluster.kubectl("get", "ciliumnodes,pods", "-A", "-o", "wide"))
              .doesNotContainPattern("\\b" + before + "\\b");
          for (var node : cluster.nodes()) {
            assertThat(node.exec("ip", "route").run()).doesNotContain(cidr);
            assertThat(ipcache(node)).doesNotContain(cidr);
          }
        });
    var fresh = podsOnEveryNode("renamed");
    JiliumCluster.eventually("pods talk", PATIENCE, () -> cluster.assertAllTalk(fresh));
  }
}
