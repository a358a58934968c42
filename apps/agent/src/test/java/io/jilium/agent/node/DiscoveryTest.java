// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
  private static final Link LO = HostDevicesTest.link(1, "lo", new LinkKind.Other(""), 9, 0);
  private static final Link ETH0 = HostDevicesTest.link(2, "eth0", new LinkKind.Other(""), 1, 0);
  private static final Link ETH1 = HostDevicesTest.link(3, "eth1", new LinkKind.Veth(), 1, 0);
  private static final Link DOCKER =
      HostDevicesTest.link(4, "docker0", new LinkKind.Bridge(), 1, 0);
  private static final Link POD = HostDevicesTest.link(5, "lxc1234", new LinkKind.Veth(), 1, 0);
  private static final List<Link> LINKS = List.of(LO, ETH0, ETH1, DOCKER, POD);
  private static final List<Address> ADDRESSES =
      List.of(
          address(2, "172.30.0.1/16"),
          address(2, "fe80::1/64"),
          address(3, "192.168.0.5/24"),
          address(4, "172.17.0.1/16"));

  @Test
  void takesTheDeviceOfTheDefaultRoute() {
    var routes = List.of(Route.toAll(Family.IPV4).device(2));
    var found = Discovery.of(List.of(), LINKS, ADDRESSES, routes);
    assertThat(found.underlays()).extracting(Underlay::name).containsExactly("eth0");
    assertThat(found.nodeAddress(true)).contains(Samples.ip("172.30.0.1"));
    assertThat(found.nodeAddress(false)).isEmpty();
    assertThat(found.directRouting().orElseThrow().networks())
        .containsExactly(Samples.prefix("172.30.0.0/16"));
  }

  @Test
  void withoutADefaultRouteTakesWhatHasAGlobalAddress() {
    assertThat(Discovery.of(List.of(), LINKS, ADDRESSES, List.of()).underlays())
        .extracting(Underlay::name)
        .containsExactly("eth0", "eth1");
  }

  @Test
  void theSettingWinsAndMayEndInPlus() {
    var routes = List.of(Route.toAll(Family.IPV4).device(3));
    assertThat(Discovery.of(List.of("eth+"), LINKS, ADDRESSES, routes).underlays())
        .extracting(Underlay::name)
        .containsExactly("eth1", "eth0");
    assertThat(Discovery.of(List.of("docker0"), LINKS, ADDRESSES, routes).underlays())
        .extracting(Underlay::name)
        .containsExactly("docker0");
  }

  @Test
  void findsNothingWhereThereIsNothing() {
    assertThat(Discovery.of(List.of(), List.of(LO, POD), List.of(), List.of()).directRouting())
        .isEmpty();
    assertThat(Discovery.of(List.of("eth9"), LINKS, ADDRESSES, List.of()).underlays()).isEmpty();
  }

  @Test
  void theTunnelCostsFiftyBytes() {
    assertThat(Underlays.routeMtu(1500, true)).isEqualTo(1450);
    assertThat(Underlays.routeMtu(1500, false)).isEqualTo(1500);
  }

  private static Address address(int device, String prefix) {
    return Address.of(device, Prefix.parse(prefix));
  }
}
