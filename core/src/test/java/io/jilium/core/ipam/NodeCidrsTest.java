// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeCidrsTest {
  private static ClusterPool pool(Settings.Pool pool) {
    return new ClusterPool(pool.cidrs(), pool.maskSize());
  }

  private static NodeCidrs cidrs(String... sets) {
    var settings = Settings.of(Map.of(), List.of(sets));
    return new NodeCidrs(
        Optional.of(settings.ipam().v4())
            .filter(_ -> settings.families().v4())
            .map(NodeCidrsTest::pool),
        Optional.of(settings.ipam().v6())
            .filter(_ -> settings.families().v6())
            .map(NodeCidrsTest::pool));
  }

  private static NodeCidrs.Node node(String name, String... podCidrs) {
    return new NodeCidrs.Node(name, List.of(podCidrs).stream().map(IpPrefix::parse).toList(), "");
  }

  private static List<String> texts(NodeCidrs.Assignment assignment) {
    return assignment.podCidrs().stream().map(IpPrefix::toString).toList();
  }

  @Test
  void everyNodeGetsBothFamilies() {
    var assignments =
        cidrs(
                "ipv6.enabled=true",
                "ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16",
                "ipam.operator.clusterPoolIPv6PodCIDRList=fd00:10:244::/48",
                "ipam.operator.clusterPoolIPv6MaskSize=64")
            .assign(List.of(node("node-2"), node("node-1")));
    assertThat(texts(assignments.get(0))).containsExactly("10.244.0.0/24", "fd00:10:244::/64");
    assertThat(texts(assignments.get(1))).containsExactly("10.244.1.0/24", "fd00:10:244:1::/64");
    assertThat(assignments).allMatch(NodeCidrs.Assignment::isChange);
  }

  @Test
  void nodesKeepWhatTheyHaveBeforeAnybodyGetsNew() {
    var assignments =
        cidrs("ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16")
            .assign(List.of(node("a"), node("b", "10.244.0.0/24"), node("c", "192.168.7.0/24")));
    assertThat(texts(assignments.get(0))).containsExactly("10.244.1.0/24");
    assertThat(texts(assignments.get(1))).containsExactly("10.244.0.0/24");
    assertThat(assignments.get(1).isChange()).isFalse();
    assertThat(texts(assignments.get(2))).containsExactly("192.168.7.0/24");
  }

  @Test
  void theSecondOfTwoNodesWithOneCidrIsTold() {
    var assignments = cidrs().assign(List.of(node("b", "10.1.0.0/24"), node("a", "10.1.0.0/24")));
    assertThat(assignments.get(0).error()).isEmpty();
    assertThat(assignments.get(1).error()).isEqualTo("pod CIDR 10.1.0.0/24 overlaps one of node a");
    assertThat(texts(assignments.get(1))).containsExactly("10.1.0.0/24");
  }

  @Test
  void anExhaustedPoolIsSaidAndARemovedNodeHelps() {
    NodeCidrs cidrs = cidrs("ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/24");
    var first = cidrs.assign(List.of(node("a"), node("b")));
    assertThat(first.get(0).error()).isEmpty();
    assertThat(first.get(1).error())
        .isEqualTo("pool 10.244.0.0/24 is exhausted: no /24 is left for node b, 1 are in use");
    assertThat(first.get(1).podCidrs()).isEmpty();
    cidrs.release("a");
    assertThat(texts(cidrs.assign(List.of(node("b"))).getFirst())).containsExactly("10.244.0.0/24");
  }

  @Test
  void whatWasRemovedByHandIsGivenAgainToTheSameNode() {
    NodeCidrs cidrs = cidrs("ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16");
    cidrs.assign(List.of(node("a"), node("b")));
    var again = cidrs.assign(List.of(node("a"), node("b")));
    assertThat(texts(again.get(0))).containsExactly("10.244.0.0/24");
    assertThat(texts(again.get(1))).containsExactly("10.244.1.0/24");
  }
}
