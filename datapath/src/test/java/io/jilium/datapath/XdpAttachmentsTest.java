// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.XdpLink;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.XdpPrograms;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.BpffsDirectory;
import io.jilium.test.kit.FdLeakCheck;
import io.jilium.test.kit.Namespaces;
import java.nio.file.Files;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where the program of XDP runs, for how long, and beside whom. */
@Tag("kernel")
class XdpAttachmentsTest {
  @RegisterExtension final FdLeakCheck leaks = new FdLeakCheck();
  @RegisterExtension final Namespaces namespaces = Namespaces.perTest();
  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();

  private Netns node = namespaces.create();

  @BeforeEach
  void makeDevices() {
    inNode(netlink -> {
      netlink.apply(Links.createVeth(LinkSettings.named("eth0"), LinkSettings.named("wire0")));
      netlink.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0")));
    });
  }

  private void inNode(Consumer<NetlinkSocket> task) {
    node.execute(() -> {
      try (var netlink = NetlinkSocket.open()) {
        task.accept(netlink);
      }
    });
  }

  private void withPrograms(NetlinkSocket netlink, Consumer<Datapath> task) {
    try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
      task.accept(datapath);
    }
  }

  private static int index(NetlinkSocket netlink, String device) {
    return netlink.find(Links.byName(device)).orElseThrow().index();
  }

  private static XdpPrograms running(NetlinkSocket netlink, String device) {
    return netlink.find(Links.xdp(index(netlink, device))).orElseThrow();
  }

  @Test
  void staysWhenTheAgentEndsAndIsReplacedInPlaceByTheNext() {
    inNode(netlink -> {
      int eth0 = index(netlink, "eth0");
      withPrograms(netlink, datapath -> datapath.accelerate("eth0", eth0, XdpMode.NATIVE));
      int first = running(netlink, "eth0").driver().orElseThrow();
      withPrograms(
          netlink,
          datapath -> {
            assertThat(datapath.isAttached(Hook.XDP_NETDEV, "eth0", eth0)).isTrue();
            assertThat(running(netlink, "eth0").all()).containsExactly(first);
            datapath.accelerate("eth0", eth0, XdpMode.NATIVE);
            assertThat(running(netlink, "eth0").driver().orElseThrow()).isNotEqualTo(first);
            int second = running(netlink, "eth0").driver().orElseThrow();
            datapath.reload(Configs.minimal().withStackForwarding(true));
            assertThat(running(netlink, "eth0").driver().orElseThrow()).isNotEqualTo(second);
          });
    });
  }

  @Test
  void changesItsModeAndGoesWhenItIsNotWanted() {
    inNode(netlink -> {
      int eth0 = index(netlink, "eth0");
      withPrograms(
          netlink,
          datapath -> {
            datapath.accelerate("eth0", eth0, XdpMode.NATIVE);
            datapath.accelerate("eth0", eth0, XdpMode.GENERIC);
            assertThat(running(netlink, "eth0").generic()).isPresent();
            assertThat(running(netlink, "eth0").driver()).isEmpty();
            assertThat(datapath.decelerate("eth0")).isTrue();
            assertThat(running(netlink, "eth0").all()).isEmpty();
            assertThat(datapath.decelerate("eth0")).isFalse();
            datapath.accelerate("eth0", eth0, XdpMode.NATIVE);
          });
      withPrograms(
          netlink,
          datapath -> {
            assertThat(datapath.retain(Set.of("other"))).contains("eth0-xdp_netdev");
            assertThat(running(netlink, "eth0").all()).isEmpty();
            datapath.accelerate("eth0", eth0, XdpMode.NATIVE);
          });
      Datapath.remove(bpffs.path(), netlink);
      assertThat(running(netlink, "eth0").all()).as("after clean-up").isEmpty();
      assertThat(Files.exists(bpffs.path().resolve("links"))).isFalse();
    });
  }

  @Test
  void driverThatCannotIsNamed() {
    inNode(netlink ->
        withPrograms(
            netlink,
            datapath -> {
              int br0 = index(netlink, "br0");
              assertThatThrownBy(() -> datapath.accelerate("br0", br0, XdpMode.NATIVE))
                  .isInstanceOf(AccelerationException.class)
                  .hasMessage(
                      "the driver of br0 cannot run XDP programs: set loadBalancer.acceleration=best-effort to go on without it"
                          + " there, or disabled");
              datapath.accelerate("br0", br0, XdpMode.GENERIC);
              assertThat(running(netlink, "br0").generic()).isPresent();
            }));
  }

  /** Ours stands in for somebody else's, attached by a hand that left no pin with us. */
  @Test
  void programsOfOthersAreToldAndStay() {
    inNode(netlink ->
        withPrograms(
            netlink,
            datapath -> {
              int eth0 = index(netlink, "eth0");
              var program = datapath.program(Hook.XDP_NETDEV);
              try (var foreign = XdpLink.attach(eth0, XdpLink.Mode.NATIVE, program)) {
                int id = foreign.info().programId();
                for (var mode : XdpMode.values()) {
                  assertThatThrownBy(() -> datapath.accelerate("eth0", eth0, mode))
                      .isInstanceOf(AccelerationException.class)
                      .hasMessageStartingWith(
                          "eth0 runs XDP program %d (xdp_netdev) of somebody else, which Jilium leaves alone: take it off"
                              .formatted(id));
                }
                assertThat(datapath.isAttached(Hook.XDP_NETDEV, "eth0", eth0)).isFalse();
                assertThat(datapath.detach("eth0")).isFalse();
                assertThat(running(netlink, "eth0").all()).containsExactly(id);
                assertThat(stillLoaded(id)).isTrue();
              }
              datapath.accelerate("eth0", eth0, XdpMode.NATIVE);
            }));
  }

  private static boolean stillLoaded(int id) {
    try (var program = Program.ofId(id)) {
      return program.info().id() == id;
    }
  }
}
