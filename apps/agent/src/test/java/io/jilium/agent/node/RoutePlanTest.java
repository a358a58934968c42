// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoutePlanTest {
  private static final Settings TUNNEL = Samples.settings("ipv6.enabled=true");
  private static final Settings NATIVE =
      Samples.settings(
          "ipv6.enabled=true",
          "routingMode=native",
          "autoDirectNodeRoutes=true",
          "ipv4NativeRoutingCIDR=10.244.0.0/16",
          "ipv6NativeRoutingCIDR=fd00:10:244::/48");

  private static RoutePlan plan(Settings settings, Node... others) {
    return plan(settings, List.of(), others);
  }

  private static RoutePlan plan(Settings settings, List<IpAddress> lodgers, Node... others) {
    return RoutePlan.of(
        new RoutePlan.Inputs(
            Samples.node(1),
            lodgers,
            List.of(others),
            settings.routing(),
            settings.families(),
            7,
            1450,
            Optional.of(Samples.underlay())));
  }

  private static Map<String, String> printed(RoutePlan plan) {
    var text = new java.util.TreeMap<String, String>();
    plan.routes().forEach((prefix, route) -> text.put(prefix.toString(), route.toString()));
    return text;
  }

  @Test
  void tunnelLeadsEveryPodCidrThroughTheRouter() {
    assertThat(printed(plan(TUNNEL, Samples.node(2))))
        .containsEntry("10.244.1.0/24", "10.244.1.0/24 via 10.244.1.1 dev 7 src 10.244.1.1")
        .containsEntry(
            "10.244.2.0/24", "10.244.2.0/24 via 10.244.1.1 dev 7 src 10.244.1.1 mtu 1450")
        .containsEntry("10.244.1.1/32", "10.244.1.1/32 dev 7")
        .containsEntry(
            "fd00:10:244:2::/64", "fd00:10:244:2::/64 dev 7 src fd00:10:244:1::1 mtu 1450")
        .hasSize(5);
  }

  @Test
  void podsOfACidrThatIsAnotherNodesNowAreReachedOneByOne() {
    var lodgers = List.of(Samples.ip("10.244.2.9"), Samples.ip("fd00:10:244:9::9"));
    assertThat(printed(plan(NATIVE, lodgers, Samples.node(2))))
        .containsEntry("10.244.2.9/32", "10.244.2.9/32 via 10.244.1.1 dev 7 src 10.244.1.1")
        .containsEntry("10.244.2.0/24", "10.244.2.0/24 via 172.30.0.2 dev 2")
        .containsEntry("fd00:10:244:9::9/128", "fd00:10:244:9::9/128 dev 7 src fd00:10:244:1::1");
  }

  @Test
  void nativeLeadsRemotePodCidrsToTheNodeAndTheLocalOneToCiliumHost() {
    assertThat(printed(plan(NATIVE, Samples.node(2))))
        .containsEntry("10.244.2.0/24", "10.244.2.0/24 via 172.30.0.2 dev 2")
        .containsEntry("fd00:10:244:2::/64", "fd00:10:244:2::/64 via fd00:172:30::2 dev 2")
        .containsEntry("10.244.1.0/24", "10.244.1.0/24 via 10.244.1.1 dev 7 src 10.244.1.1");
  }

  @Test
  void nativeWithoutDirectRoutesLeavesRemotePodCidrsToTheNetwork() {
    var settings = Samples.settings("routingMode=native", "ipv4NativeRoutingCIDR=10.244.0.0/16");
    assertThat(plan(settings, Samples.node(2)).routes()).doesNotContainKey(prefix("10.244.2.0/24"));
  }

  @Test
  void aNodeBehindARouterIsSkippedAndSaid() {
    var far = withAddress(Samples.node(2), "192.168.5.5");
    var plan = plan(NATIVE, far);
    assertThat(plan.routes()).doesNotContainKey(prefix("10.244.2.0/24"));
    assertThat(plan.skipped().get(prefix("10.244.2.0/24")))
        .contains("node-2 (192.168.5.5) is not on a network of this node");
  }

  @Test
  void anOverlappingPodCidrIsSkippedAndSaid() {
    var twin = Samples.node(2);
    var thief =
        new Node(
            "node-3",
            "lab",
            0,
            twin.addresses(),
            List.of(prefix("10.244.1.128/25")),
            List.of(),
            Map.of(),
            "");
    var plan = plan(TUNNEL, twin, thief);
    assertThat(plan.routes()).doesNotContainKey(prefix("10.244.1.128/25"));
    assertThat(plan.skipped().get(prefix("10.244.1.128/25"))).contains("overlaps 10.244.1.0/24");
  }

  @Test
  void allRoutesCarryOurProtocolNumber() {
    assertThat(plan(TUNNEL, Samples.node(2)).routes().values())
        .extracting(Route::protocol)
        .containsOnly(RoutePlan.PROTOCOL);
  }

  @Test
  void aFamilyThatIsOffHasNoRoutes() {
    assertThat(plan(Samples.settings(), Samples.node(2)).routes().keySet())
        .allMatch(IpPrefix::isV4);
  }

  private static Node withAddress(Node node, String address) {
    return new Node(
        node.name(),
        node.cluster(),
        0,
        List.of(
            new io.jilium.core.model.NodeAddress(
                io.jilium.core.model.NodeAddress.Type.INTERNAL_IP, Samples.ip(address))),
        node.podCidrs(),
        List.of(),
        Map.of(),
        "");
  }

  private static IpPrefix prefix(String text) {
    return Samples.prefix(text);
  }
}
