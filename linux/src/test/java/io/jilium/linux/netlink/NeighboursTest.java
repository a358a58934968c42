// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.sys.Netns;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NeighboursTest extends NamespaceTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:99");

  @Test
  void setsListsAndDeletesBothFamilies() {
    int device = device("d0", "10.0.0.1/24", "fd00::1/64");
    device("d1");
    for (String text : List.of("10.0.0.5", "fd00::5")) {
      var address = InetAddress.ofLiteral(text);
      var family = Family.of(address);
      var neighbour = Neighbour.permanent(device, address, MAC);
      kernel.apply(Neighbours.replace(neighbour));
      kernel.apply(Neighbours.replace(neighbour));
      assertThat(kernel.list(Neighbours.of(family, device))).contains(neighbour);
      assertThat(kernel.list(Neighbours.all(family))).contains(neighbour);
      // The kernel may have entries of its own there, of multicast groups.
      assertThat(kernel.list(Neighbours.of(family, index("d1"))))
          .noneMatch(other -> other.address().equals(address));
      assertThat(kernel.apply(Neighbours.delete(device, address))).isTrue();
      assertThat(kernel.apply(Neighbours.delete(device, address))).isFalse();
    }
  }

  @Test
  void managedNeighbourIsResolvedWithoutTraffic() throws InterruptedException {
    try (var peer = Netns.createUnnamed();
        var there = NetlinkSocket.open(peer)) {
      kernel.apply(
          Links.createVeth(
              LinkSettings.named("v1").index(9).mac(MAC).netns(peer).up(),
              LinkSettings.named("v0")));
      kernel.apply(Links.set("v0", LinkSettings.none().up()));
      int device = index("v0");
      kernel.apply(Addresses.add(Address.of(device, Prefix.parse("10.0.0.1/24"))));
      there.apply(Addresses.add(Address.of(9, Prefix.parse("10.0.0.2/24"))));
      var address = InetAddress.ofLiteral("10.0.0.2");
      kernel.apply(Neighbours.replace(Neighbour.managed(device, address)));
      Optional<Neighbour> found = Optional.empty();
      for (int i = 0; i < 100 && found.filter(Neighbour::isUsable).isEmpty(); i++) {
        Thread.sleep(20);
        found = kernel.list(Neighbours.of(Family.IPV4, device)).stream().findFirst();
      }
      assertThat(found).isPresent();
      assertThat(found.get().managed()).isTrue();
      assertThat(found.get().mac()).hasValue(MAC);
    }
  }

  @Test
  void setsForwardingEntriesOfVxlanAndBridge() {
    int lower = device("d0", "10.0.0.1/24");
    var kind = LinkKind.Vxlan.classic(7, 8472, InetAddress.ofLiteral("10.0.0.1"), lower);
    kernel.apply(Links.create(kind, LinkSettings.named("vx0").up()));
    kernel.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0").up()));
    kernel.apply(Links.set(lower, LinkSettings.none().master(index("br0"))));
    int vxlan = index("vx0");
    var remote = InetAddress.ofLiteral("10.0.0.2");
    kernel.apply(ForwardingTable.replaceRemote(vxlan, MAC, remote));
    kernel.apply(ForwardingTable.replacePort(lower, MAC));
    assertThat(kernel.list(ForwardingTable.of(vxlan)))
        .containsExactly(new ForwardingEntry(vxlan, MAC, Optional.of(remote), true));
    assertThat(kernel.list(ForwardingTable.of(lower))).anyMatch(e -> e.mac().equals(MAC));
    assertThat(kernel.apply(ForwardingTable.delete(vxlan, MAC))).isTrue();
    assertThat(kernel.apply(ForwardingTable.delete(vxlan, MAC))).isFalse();
  }
}
