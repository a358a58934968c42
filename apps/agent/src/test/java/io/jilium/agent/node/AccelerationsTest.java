// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.settings.ServiceSettings.Acceleration;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.MapSizes;
import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.XdpLink;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.XdpPrograms;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.BpffsDirectory;
import io.jilium.test.kit.Namespaces;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What loadBalancer.acceleration makes of devices that can and of those that cannot. */
@Tag("kernel")
class AccelerationsTest {
  @RegisterExtension final Namespaces namespaces = Namespaces.perTest();
  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();

  private final Accelerations accelerations = new Accelerations();
  private Netns node = namespaces.create();
  private NetlinkSocket netlink = NetlinkSocket.open(node);
  private Datapath datapath = node.run(() -> Datapath.load(bpffs.path(), config(), netlink));

  @BeforeEach
  void makeDevices() {
    netlink.apply(Links.createVeth(LinkSettings.named("eth0"), LinkSettings.named("wire0")));
    netlink.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0")));
  }

  @AfterEach
  void close() {
    datapath.close();
    netlink.close();
  }

  private static DatapathConfig config() {
    var router = Optional.of(IpAddress.parse("10.244.0.1"));
    return new DatapathConfig(
        new DatapathConfig.Addresses(router, Optional.empty(), router, Optional.empty()),
        new DatapathConfig.Devices(0, 0, 0),
        DatapathConfig.Tunnel.NONE,
        DatapathConfig.Masquerade.NONE,
        true,
        false,
        1450,
        1000,
        128,
        true,
        new MapSizes(64, 16, 16, 16, 16, 64, 1 << 16));
  }

  private Optional<String> ensure(Acceleration wanted, String device) {
    return node.run(() -> accelerations.ensure(datapath, wanted, device, index(device)));
  }

  private int index(String device) {
    return netlink.find(Links.byName(device)).orElseThrow().index();
  }

  private XdpPrograms running(String device) {
    return netlink.find(Links.xdp(index(device))).orElseThrow();
  }

  @Test
  void deviceThatCanIsAcceleratedAsLongAsThatIsWanted() {
    assertThat(ensure(Acceleration.NATIVE, "eth0")).isEmpty();
    var first = running("eth0");
    assertThat(first.driver()).isPresent();
    assertThat(ensure(Acceleration.NATIVE, "eth0")).isEmpty();
    assertThat(running("eth0")).as("nothing to do").isEqualTo(first);
    assertThat(accelerations.isAttached("eth0")).isTrue();
    assertThat(ensure(Acceleration.TESTING_ONLY, "br0")).isEmpty();
    assertThat(running("br0").generic()).isPresent();
    for (var device : new String[] {"eth0", "br0"}) {
      assertThat(ensure(Acceleration.DISABLED, device)).isEmpty();
      assertThat(running(device).all()).isEmpty();
      assertThat(accelerations.isAttached(device)).isFalse();
    }
    assertThat(accelerations.problems()).isEmpty();
  }

  @Test
  void deviceThatCannotIsAProblemUntilItIsNotWanted() {
    for (var wanted : new Acceleration[] {Acceleration.NATIVE, Acceleration.BEST_EFFORT}) {
      assertThat(ensure(wanted, "br0").orElseThrow())
          .startsWith("the driver of br0 cannot run XDP programs: set loadBalancer.acceleration=");
      assertThat(accelerations.problems()).hasSize(1);
      assertThat(accelerations.isAttached("br0")).isFalse();
    }
    assertThat(ensure(Acceleration.DISABLED, "br0")).isEmpty();
    assertThat(accelerations.problems()).isEmpty();
  }

  @Test
  void deviceIsAcceleratedOnceSomebodyElsesProgramHasGone() {
    assertThat(ensure(Acceleration.TESTING_ONLY, "eth0")).isEmpty();
    try (var program = Program.ofId(running("eth0").generic().orElseThrow())) {
      assertThat(ensure(Acceleration.DISABLED, "eth0")).isEmpty();
      try (var _ = node.run(() -> XdpLink.attach(index("eth0"), XdpLink.Mode.GENERIC, program))) {
        assertThat(ensure(Acceleration.BEST_EFFORT, "eth0").orElseThrow())
            .contains("of somebody else", "\"ip link set dev eth0 xdpgeneric off\"");
        assertThat(running("eth0").all()).containsExactly(program.info().id());
      }
    }
    assertThat(ensure(Acceleration.BEST_EFFORT, "eth0")).isEmpty();
    assertThat(running("eth0").driver()).isPresent();
    assertThat(accelerations.problems()).isEmpty();
  }
}
