// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jilium.linux.ebpf.KernelVersion;
import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Netns;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LinksTest extends NamespaceTest {
  @Test
  void createsPairWithBothEndsInTheirNamespaces() {
    try (var pod = Netns.createUnnamed();
        var inside = NetlinkSocket.open(pod)) {
      var mac = MacAddress.parse("02:00:00:00:00:11");
      var podMac = MacAddress.parse("02:00:00:00:00:22");
      kernel.apply(
          List.of(
              Links.createVeth(
                  LinkSettings.named("eth0").index(7).mac(podMac).mtu(1450).netns(pod).up(),
                  LinkSettings.named("lxc1").mac(mac).mtu(1450)),
              Links.set("lxc1", LinkSettings.none().alias("default/a").up())));
      var host = kernel.find(Links.byName("lxc1")).orElseThrow();
      var eth0 = inside.find(Links.byName("eth0")).orElseThrow();
      assertThat(host.kind()).isEqualTo(new LinkKind.Veth());
      assertThat(host.mac()).isEqualTo(mac);
      assertThat(host.mtu()).isEqualTo(1450);
      assertThat(host.alias()).isEqualTo("default/a");
      assertThat(host.isUp()).isTrue();
      assertThat(host.hasCarrier()).isTrue();
      assertThat(host.parent()).hasValue(7);
      assertThat(host.parentNetnsId()).isPresent();
      assertThat(eth0.index()).isEqualTo(7);
      assertThat(eth0.mac()).isEqualTo(podMac);
      assertThat(eth0.parent()).hasValue(host.index());
      assertThat(eth0.isUp()).isTrue();
      assertThat(eth0.state()).isEqualTo(Link.OperationalState.UP);
    }
  }

  @Test
  void takenNameIsNoFailureAndChangesNothing() {
    var create = Links.create(new LinkKind.Bridge(), LinkSettings.named("d0"));
    assertThat(kernel.apply(create)).isTrue();
    assertThat(kernel.apply(create)).isFalse();
    assertThat(kernel.apply(Links.delete("d0"))).isTrue();
    assertThat(kernel.apply(Links.delete("d0"))).isFalse();
    assertThat(kernel.find(Links.byName("d0"))).isEmpty();
    assertThat(kernel.find(Links.byIndex(4711))).isEmpty();
  }

  @Test
  void createsExternalVxlan() {
    var kind = LinkKind.Vxlan.external(8472);
    kernel.apply(Links.create(kind, LinkSettings.named("cilium_vxlan").up()));
    assertThat(kernel.find(Links.byName("cilium_vxlan")).orElseThrow().kind()).isEqualTo(kind);
  }

  @Test
  void createsClassicVxlanOverBothFamilies() {
    int device = device("d0", "10.0.0.1/24", "fd00::1/64");
    int id = 7;
    for (String local : List.of("10.0.0.1", "fd00::1")) {
      var kind = LinkKind.Vxlan.classic(id++, 4789, InetAddress.ofLiteral(local), device);
      kernel.apply(Links.create(kind, LinkSettings.named("vx" + id)));
      assertThat(kernel.find(Links.byName("vx" + id)).orElseThrow().kind()).isEqualTo(kind);
    }
  }

  @Test
  void changesWhatTheSettingsSayAndNothingElse() {
    int device = device("d0");
    kernel.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0").up()));
    int bridge = index("br0");
    var before = kernel.find(Links.byIndex(device)).orElseThrow();
    kernel.apply(
        List.of(
            Links.set(device, LinkSettings.none().down()),
            Links.set(device, LinkSettings.named("d1").mtu(9000).master(bridge).noArp(true)),
            Links.set(
                device,
                LinkSettings.none()
                    .addressGeneration(Link.AddressGeneration.NONE)
                    .offloadSizes(131072, 131072)
                    .offloadSizesIpv4(60000, 60000)
                    .alias("text"))));
    var link = kernel.find(Links.byIndex(device)).orElseThrow();
    assertThat(link.name()).isEqualTo("d1");
    assertThat(link.mtu()).isEqualTo(9000);
    assertThat(link.master()).hasValue(bridge);
    assertThat(link.isNoArp()).isTrue();
    assertThat(link.isUp()).isFalse();
    assertThat(link.mac()).isEqualTo(before.mac());
    assertThat(link.addressGeneration()).hasValue(Link.AddressGeneration.NONE);
    assertThat(link.gsoMaxSize()).isEqualTo(131072);
    assertThat(link.groMaxSize()).isEqualTo(131072);
    boolean own = !KernelVersion.current().isBefore(6, 3);
    assertThat(link.gsoIpv4MaxSize()).isEqualTo(own ? 60000 : 131072);
    assertThat(link.alias()).isEqualTo("text");
    kernel.apply(Links.set(device, LinkSettings.none().noMaster()));
    assertThat(kernel.find(Links.byIndex(device)).orElseThrow().master()).isEmpty();
  }

  @Test
  void movesLinkToAnotherNamespace() {
    device("d0");
    try (var other = Netns.createUnnamed();
        var there = NetlinkSocket.open(other)) {
      kernel.apply(Links.set("d0", LinkSettings.none().netns(other)));
      assertThat(kernel.find(Links.byName("d0"))).isEmpty();
      assertThat(there.find(Links.byName("d0"))).isPresent();
    }
  }

  @Test
  void failureNamesOperationErrnoAndWhatTheKernelSays() {
    assertThatThrownBy(() -> kernel.apply(Links.set("nobody", LinkSettings.none().up())))
        .isInstanceOf(NetlinkException.class)
        .hasMessageStartingWith("change link nobody: ENODEV");
    device("d0");
    assertThatThrownBy(() -> kernel.apply(Links.set("d0", LinkSettings.none().mtu(10))))
        .isInstanceOfSatisfying(
            NetlinkException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EINVAL);
              assertThat(e.kernelText()).contains("mtu");
              assertThat(e).hasMessageContaining("change link d0: EINVAL");
              assertThat(e).hasMessageContaining(e.kernelText());
            });
  }

  @Test
  void performsAllChangesOfListAndThrowsTheFirstFailure() {
    var changes =
        List.of(
            Links.create(new LinkKind.Bridge(), LinkSettings.named("d0")),
            Links.set("nobody", LinkSettings.none().up()),
            Links.set("noone", LinkSettings.none().up()),
            Links.create(new LinkKind.Bridge(), LinkSettings.named("d1")));
    assertThatThrownBy(() -> kernel.apply(changes))
        .hasMessageContaining("nobody")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(kernel.find(Links.byName("d1"))).isPresent();
  }

  @Test
  void createsFiftyPairsInOneList() {
    try (var pods = Netns.createUnnamed();
        var inside = NetlinkSocket.open(pods)) {
      var changes = new ArrayList<Change>();
      for (int i = 0; i < 50; i++) {
        changes.add(
            Links.createVeth(
                LinkSettings.named("lxc" + i).up(), LinkSettings.named("eth" + i).netns(pods)));
      }
      assertThat(kernel.apply(changes)).hasSize(50).doesNotContain(false);
      assertThat(kernel.list(Links.all())).hasSize(51).allMatch(Link::isUp);
      assertThat(inside.list(Links.all())).hasSize(51);
    }
  }

  @Test
  void createsDummy() {
    var create = Links.create(new LinkKind.Dummy(), LinkSettings.named("d0"));
    try {
      kernel.apply(create);
    } catch (NetlinkException e) {
      assumeTrue(!e.is(Errno.EOPNOTSUPP), "this kernel has no dummy devices");
      throw e;
    }
    assertThat(kernel.find(Links.byName("d0")).orElseThrow().kind())
        .isEqualTo(new LinkKind.Dummy());
  }

  @Test
  void refusesWhatTheKernelWouldIgnoreAtCreation() {
    var v0 = LinkSettings.named("v0");
    var v1 = LinkSettings.named("v1");
    List<ThrowingCallable> calls =
        List.of(
            () -> Links.createVeth(v0, v1.up()),
            () -> Links.createVeth(v0, v1.master(1)),
            () -> Links.createVeth(v0, v1.index(5)),
            () -> Links.createVeth(v0.alias("text"), v1),
            () -> Links.createVeth(v0, v1.addressGeneration(Link.AddressGeneration.NONE)),
            () -> Links.create(new LinkKind.Bridge(), v0.alias("text")),
            () -> Links.create(new LinkKind.Veth(), v0));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesNamesTheKernelWouldRefuse() {
    for (String name : List.of("", "a/b", "sixteen-letters-", "a b")) {
      assertThatThrownBy(() -> LinkSettings.named(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
