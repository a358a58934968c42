// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DetectionTest {
  private static Node node(String kernel) {
    return new NodeBuilder()
        .withNewStatus()
        .withNewNodeInfo()
        .withKernelVersion(kernel)
        .endNodeInfo()
        .endStatus()
        .build();
  }

  private static List<String> podCidrs(String given, String... cidrs) {
    var node =
        new NodeBuilder().withNewSpec().withPodCIDR(cidrs[0]).withPodCIDRs(cidrs).endSpec().build();
    var lines = new ArrayList<String>();
    Detection.podCidrs(List.of(node), Trees.map(given), lines, new LinkedHashMap<>());
    return lines;
  }

  @Test
  void podCidrsOfIpv6AreToldUnlessSomebodyDecided() {
    assertThat(podCidrs("{}", "10.244.0.0/24")).noneMatch(line -> line.contains("IPv6"));
    assertThat(podCidrs("{}", "10.244.0.0/24", "fd00:10:244::/64"))
        .anyMatch(line -> line.contains("--set ipv6.enabled=true"));
    assertThat(podCidrs("{ipv6: {enabled: false}}", "10.244.0.0/24", "fd00:10:244::/64"))
        .noneMatch(line -> line.contains("IPv6"));
  }

  @Test
  void kernelsAreToldWithWhatJiliumDoesOnThem() {
    assertThat(
            Detection.kernels(
                List.of(
                    node("6.18.5-fc"),
                    node("5.4.0-1"),
                    node("6.1.0-37-amd64"),
                    node("6.18.9"),
                    node("unknown"))))
        .containsExactly(
            "⚠️  kernel 5.4 on 1 node: too old, Jilium needs 5.10",
            "🔮 Auto-detected kernel 6.1 on 1 node: eBPF host routing, programs attached by clsact (tcx from 6.6)",
            "🔮 Auto-detected kernel 6.18 on 2 nodes: eBPF host routing, programs attached by tcx");
  }
}
