// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.node.HostDevices.Desired;
import io.jilium.agent.node.HostDevices.Step;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.MacAddress;
import io.jilium.linux.netlink.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class HostDevicesTest {
  private static final int UP = 1;
  private static final int UP_NO_ARP = 0x81;
  private static final Desired TUNNEL =
      new Desired(1500, 8472, List.of(Samples.ip("10.244.1.1"), Samples.ip("fd00:10:244:1::1")));
  private static final Link HOST = link(3, "cilium_host", new LinkKind.Veth(), UP_NO_ARP, 4);
  private static final Link NET = link(4, "cilium_net", new LinkKind.Veth(), UP_NO_ARP, 3);
  private static final Link VXLAN = link(5, "cilium_vxlan", LinkKind.Vxlan.external(8472), UP, 0);
  private static final List<Address> ROUTERS =
      List.of(address("10.244.1.1/32"), address("fd00:10:244:1::1/128"), address("fe80::1/64"));

  @Test
  void makesEverythingOnAFreshNode() {
    assertThat(HostDevices.plan(TUNNEL, List.of(), List.of()))
        .containsExactly(
            new Step.CreatePair(1500),
            new Step.AddAddress(Samples.ip("10.244.1.1")),
            new Step.AddAddress(Samples.ip("fd00:10:244:1::1")),
            new Step.CreateTunnel(8472, 1500));
  }

  @Test
  void leavesAllAsItIsWhenItIsRight() {
    assertThat(HostDevices.plan(TUNNEL, List.of(HOST, NET, VXLAN), ROUTERS)).isEmpty();
  }

  @Test
  void addsTheNewRouterAddressBeforeItRemovesTheOldOne() {
    assertThat(
            HostDevices.plan(
                TUNNEL,
                List.of(HOST, NET, VXLAN),
                List.of(address("10.244.9.1/32"), address("fd00:10:244:1::1/128"))))
        .containsExactly(
            new Step.AddAddress(Samples.ip("10.244.1.1")),
            new Step.RemoveAddress(address("10.244.9.1/32")));
  }

  @Test
  void replacesAHalfPairAndADeviceOfAnotherKind() {
    var dummy = link(3, "cilium_host", new LinkKind.Dummy(), UP, 0);
    assertThat(HostDevices.plan(TUNNEL, List.of(dummy, VXLAN), ROUTERS))
        .startsWith(new Step.Delete("cilium_host"), new Step.CreatePair(1500));
  }

  @Test
  void nativeRoutingHasNoTunnelDevice() {
    var desired = new Desired(1500, 0, TUNNEL.routers());
    assertThat(HostDevices.plan(desired, List.of(HOST, NET, VXLAN), ROUTERS))
        .containsExactly(new Step.Delete("cilium_vxlan"));
  }

  @Test
  void anotherTunnelPortMakesTheDeviceAnew() {
    var desired = new Desired(1500, 4789, TUNNEL.routers());
    assertThat(HostDevices.plan(desired, List.of(HOST, NET, VXLAN), ROUTERS))
        .containsExactly(new Step.Delete("cilium_vxlan"), new Step.CreateTunnel(4789, 1500));
  }

  @Test
  void adjustsWhatSomebodyTookDown() {
    var down = link(3, "cilium_host", new LinkKind.Veth(), 0x80, 4);
    assertThat(HostDevices.plan(TUNNEL, List.of(down, NET, VXLAN), ROUTERS))
        .containsExactly(new Step.Adjust("cilium_host", 1500, true));
  }

  static Link link(int index, String name, LinkKind kind, int flags, int parent) {
    return new Link(
        index,
        name,
        kind,
        MacAddress.parse("02:00:00:00:00:0" + index),
        1500,
        flags,
        Link.OperationalState.UP,
        OptionalInt.empty(),
        parent == 0 ? OptionalInt.empty() : OptionalInt.of(parent),
        OptionalInt.empty(),
        "",
        65536,
        65536,
        65536,
        65536,
        Optional.empty());
  }

  private static Address address(String prefix) {
    return Address.of(3, Prefix.parse(prefix));
  }
}
