// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.linux.ebpf.KernelFeature;
import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapSpec;
import io.jilium.linux.ebpf.MapType;
import io.jilium.linux.ebpf.TcHook;
import io.jilium.linux.ebpf.TcxLink;
import io.jilium.linux.ebpf.TcxPrograms;
import io.jilium.linux.netlink.BpfFilter;
import io.jilium.linux.netlink.Filters;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Qdiscs;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.BpffsDirectory;
import io.jilium.test.kit.FdLeakCheck;
import io.jilium.test.kit.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("kernel")
class DatapathTest {
  private static final boolean TCX = KernelFeatures.probe().has(KernelFeature.TCX);
  private static final int VERIFIER_LIMIT = 1_000_000;
  private static final EndpointKey POD = new EndpointKey(IpAddress.parse("10.244.0.5"));
  private static final EndpointEntry ENTRY =
      new EndpointEntry(7, new NumericIdentity(4711), 12, 0, MacAddress.ZERO, MacAddress.ZERO);

  @RegisterExtension final FdLeakCheck leaks = new FdLeakCheck();
  @RegisterExtension final Namespaces namespaces = Namespaces.perTest();
  @RegisterExtension final BpffsDirectory bpffs = new BpffsDirectory();

  private Netns node = namespaces.create();

  @BeforeEach
  void makeDevices() {
    inNode(netlink -> {
      netlink.apply(Links.createVeth(LinkSettings.named("lxc1"), LinkSettings.named("peer1")));
      return true;
    });
  }

  private interface InNode<T> {
    T run(NetlinkSocket netlink);
  }

  private <T> T inNode(InNode<T> task) {
    return node.run(() -> {
      try (var netlink = NetlinkSocket.open()) {
        return task.run(netlink);
      }
    });
  }

  private static int index(NetlinkSocket netlink, String device) {
    return netlink.find(Links.byName(device)).orElseThrow().index();
  }

  private static Set<String> names(Path directory) {
    try (var files = Files.list(directory)) {
      return Set.copyOf(files.map(f -> f.getFileName().toString()).toList());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyProgramIsVerifiedWithinAFifthOfTheLimit() {
    inNode(netlink -> {
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.programs()).hasSize(Hook.values().length);
        assertThat(datapath.programs())
            .allSatisfy(program ->
                assertThat(program.verifiedInstructions().orElse(0))
                    .as(program.program())
                    .isLessThan(VERIFIER_LIMIT / 5));
        assertThat(names(bpffs.path().resolve("maps")))
            .contains("flows_v2", "endpoints_v2", "events_v2");
        return true;
      }
    });
  }

  @Test
  void podIsAttachedReplacedAndSurvivesItsAgent() {
    inNode(netlink -> {
      int lxc = index(netlink, "lxc1");
      int first;
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.attachMode()).isEqualTo(TCX ? "TCX" : "Legacy TC");
        datapath.attachPod("lxc1", lxc);
        datapath.endpoints().put(POD, ENTRY);
        first = running(netlink, lxc);
      }
      assertThat(running(netlink, lxc)).as("after close").isEqualTo(first);
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(running(netlink, lxc)).as("after load").isEqualTo(first);
        assertThat(datapath.endpoints().lookup(POD)).contains(ENTRY);
        datapath.attachPod("lxc1", lxc);
        assertThat(running(netlink, lxc)).as("after attach").isNotEqualTo(first);
        assertThat(datapath.notices()).isEmpty();
      }
      return true;
    });
  }

  private static int running(NetlinkSocket netlink, int ifindex) {
    var attached = attached(netlink, ifindex);
    assertThat(attached).hasSize(1);
    return attached.getFirst();
  }

  /** The programs at a device's ingress, however this kernel attaches them. */
  private static List<Integer> attached(NetlinkSocket netlink, int ifindex) {
    return TCX
        ? TcxLink.query(ifindex, TcHook.INGRESS).attached().stream()
            .map(TcxPrograms.Attached::programId)
            .toList()
        : filters(netlink, ifindex).stream().map(BpfFilter::programId).toList();
  }

  @Test
  void changedSettingsReplaceProgramsAndKeepTables() {
    inNode(netlink -> {
      int lxc = index(netlink, "lxc1");
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        datapath.attachPod("lxc1", lxc);
        datapath.endpoints().put(POD, ENTRY);
        int epoch = datapath.runtime().bumpEpoch();
        int first = running(netlink, lxc);
        datapath.reload(
            Configs.with(
                new DatapathConfig.Devices(2, 3, 0),
                DatapathConfig.Tunnel.NONE,
                DatapathConfig.Masquerade.NONE));
        assertThat(running(netlink, lxc)).isNotEqualTo(first);
        assertThat(datapath.endpoints().lookup(POD)).contains(ENTRY);
        assertThat(datapath.runtime().epoch()).isEqualTo(epoch);
      }
      return true;
    });
  }

  @Test
  void devicesThatWentAreDetachedAndOthersStay() {
    assumeTrue(TCX, KernelFeature.TCX.description());
    inNode(netlink -> {
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        attachBoth(datapath, netlink);
        assertThat(names(bpffs.path().resolve("links")))
            .containsExactlyInAnyOrder("lxc1-from_pod", "peer1-from_netdev", "peer1-to_netdev");
      }
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.retain(Set.of("peer1"))).containsExactly("lxc1-from_pod");
        assertThat(datapath.detach("lxc1")).isFalse();
        assertThat(datapath.detach("peer1")).isTrue();
        assertThat(names(bpffs.path().resolve("links"))).isEmpty();
      }
      return true;
    });
  }

  @Test
  void filtersOfAnEarlierProcessAreFoundWithoutPins() {
    inNode(netlink -> {
      int lxc = index(netlink, "lxc1");
      int peer = index(netlink, "peer1");
      try (var datapath = Datapath.loadForClsact(bpffs.path(), Configs.minimal(), netlink)) {
        attachBoth(datapath, netlink);
      }
      try (var datapath = Datapath.loadForClsact(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.retain(Set.of("peer1"))).containsExactly("lxc1");
        assertThat(filters(netlink, lxc)).isEmpty();
        assertThat(filters(netlink, peer)).hasSize(1);
        assertThat(datapath.detach("lxc1")).isFalse();
        assertThat(datapath.detach("peer1")).isTrue();
        assertThat(filters(netlink, peer)).isEmpty();
        assertThat(netlink.list(Filters.of(peer, BpfFilter.Direction.EGRESS))).isEmpty();
      }
      return true;
    });
  }

  private static void attachBoth(Datapath datapath, NetlinkSocket netlink) {
    datapath.attachPod("lxc1", index(netlink, "lxc1"));
    datapath.attachUnderlay("peer1", index(netlink, "peer1"));
  }

  @Test
  void deviceMadeAnewUnderItsOldNameIsAttachedAnew() {
    inNode(netlink -> {
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        datapath.attachPod("lxc1", index(netlink, "lxc1"));
        netlink.apply(Links.delete("lxc1"));
        makeDevices();
        int lxc = index(netlink, "lxc1");
        datapath.attachPod("lxc1", lxc);
        assertThat(running(netlink, lxc)).isPositive();
      }
      return true;
    });
  }

  @Test
  void programsOfOthersAreLeftAlone() {
    assumeTrue(TCX, KernelFeature.TCX.description());
    inNode(netlink -> {
      int lxc = index(netlink, "lxc1");
      try (var other = Programs.open("clock").load();
          var link = TcxLink.attach(lxc, TcHook.INGRESS, other.program("clock"));
          var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        datapath.attachPod("lxc1", lxc);
        assertThat(TcxLink.query(lxc, TcHook.INGRESS).attached()).hasSize(2);
        datapath.detach("lxc1");
        assertThat(running(netlink, lxc)).isEqualTo(link.programId());
      }
      return true;
    });
  }

  @Test
  void kernelWithoutTcxGetsFilters() {
    inNode(netlink -> {
      int lxc = index(netlink, "lxc1");
      try (var datapath = Datapath.loadForClsact(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.attachMode()).isEqualTo("Legacy TC");
        datapath.attachPod("lxc1", lxc);
        var first = filters(netlink, lxc);
        assertThat(first).hasSize(1);
        datapath.reload(Configs.minimal());
        assertThat(filters(netlink, lxc)).hasSize(1).isNotEqualTo(first);
      }
      assertThat(filters(netlink, lxc)).as("after close").hasSize(1);
      Datapath.remove(bpffs.path(), netlink);
      assertThat(filters(netlink, lxc)).isEmpty();
      assertThat(netlink.list(Qdiscs.of(lxc))).noneMatch(q -> q.kind().equals("clsact"));
      return true;
    });
  }

  private static List<BpfFilter> filters(NetlinkSocket netlink, int device) {
    return netlink.list(Filters.of(device, BpfFilter.Direction.INGRESS));
  }

  @Test
  void uninstallLeavesNothing() {
    inNode(netlink -> {
      int lxc = index(netlink, "lxc1");
      var directory = bpffs.path().resolve("node-1");
      try (var datapath = Datapath.load(directory, Configs.minimal(), netlink)) {
        datapath.attachPod("lxc1", lxc);
      }
      Datapath.remove(directory, netlink);
      assertThat(directory).doesNotExist();
      assertThat(attached(netlink, lxc)).isEmpty();
      return true;
    });
  }

  @Test
  void pinOfAnotherFormIsSetAsideAndTold() {
    inNode(netlink -> {
      var maps = bpffs.path().resolve("maps");
      pin(maps, "endpoints_v2", MapSpec.of(MapType.HASH, "endpoints", 8, 24, 256));
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.notices())
            .singleElement()
            .asString()
            .contains("endpoints_v2 is HASH with keys of 8 and values of 24 bytes")
            .contains("kept as " + maps.resolve("endpoints_v2-aside"));
        assertThat(names(maps)).contains("endpoints_v2-aside", "endpoints_v2");
        datapath.endpoints().put(POD, ENTRY);
      }
      return true;
    });
  }

  @Test
  void olderLayoutGoesWhenTheTablesAreFilledAndNewerStays() {
    inNode(netlink -> {
      var maps = bpffs.path().resolve("maps");
      pin(maps, "flows_v0", MapSpec.of(MapType.HASH, "flows", 8, 24, 256));
      pin(maps, "flows_v9", MapSpec.of(MapType.HASH, "flows", 8, 24, 256));
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        assertThat(datapath.notices())
            .anyMatch(n -> n.contains("flows_v9 has layout version 9, newer than 2"))
            .anyMatch(n -> n.contains("flows_v0 has layout version 0; it is kept until"));
        assertThat(names(maps)).contains("flows_v0", "flows_v2", "flows_v9");
        assertThat(datapath.settle()).singleElement().asString().contains("flows_v0");
        assertThat(names(maps)).doesNotContain("flows_v0").contains("flows_v2", "flows_v9");
      }
      return true;
    });
  }

  private static void pin(Path maps, String name, MapSpec spec) {
    try (var map = KernelMap.create(spec)) {
      Files.createDirectories(maps);
      map.pin(maps.resolve(name));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anotherSizeKeepsTheEntries() {
    inNode(netlink -> {
      var key = Flows.key("10.244.0.5", 1, "10.244.0.6", 2, 9);
      var flow = Flows.entry(1, 2);
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        datapath.endpoints().put(POD, ENTRY);
        datapath.flows().put(key, flow);
        datapath.runtime().bumpEpoch();
      }
      var larger = Configs.sized(new MapSizes(8192, 512, 1024, 16, 256, 256, 1 << 17));
      try (var old = KernelMap.open(bpffs.path().resolve("maps/flows_v2"));
          var datapath = Datapath.load(bpffs.path(), larger, netlink)) {
        assertThat(datapath.flows().capacity()).isEqualTo(8192);
        assertThat(datapath.endpoints().lookup(POD)).contains(ENTRY);
        assertThat(datapath.flows().entries()).containsOnlyKeys(key);
        var late = Flows.key("10.244.0.5", 3, "10.244.0.6", 4, 9);
        try (var table = new FlowMap(KernelMap.ofId(old.info().id()))) {
          table.put(late, flow);
        }
        assertThat(datapath.settle()).anyMatch(s -> s.contains("took 1 more entries"));
        assertThat(datapath.flows().lookup(late)).contains(flow);
        assertThat(datapath.runtime().epoch()).isEqualTo(2);
        assertThat(names(bpffs.path().resolve("maps"))).noneMatch(n -> n.contains("resized"));
      }
      return true;
    });
  }

  @Test
  void fullTableNamesTheSettingToRaise() {
    inNode(netlink -> {
      var small = Configs.sized(new MapSizes(1024, 2, 1024, 16, 256, 256, 1 << 16));
      try (var datapath = Datapath.load(bpffs.path(), small, netlink)) {
        datapath.endpoints().put(IpAddress.parse("10.0.0.1"), ENTRY);
        datapath.endpoints().put(IpAddress.parse("10.0.0.2"), ENTRY);
        assertThatThrownBy(() -> datapath.endpoints().put(POD, ENTRY))
            .isInstanceOf(MapFull.class)
            .hasMessageContaining("endpoints table")
            .hasMessageContaining("full with 2 entries; raise jilium.endpointMax");
      }
      return true;
    });
  }

  @Test
  void tablesReadBackWhatWasWritten() {
    inNode(netlink -> {
      try (var datapath = Datapath.load(bpffs.path(), Configs.minimal(), netlink)) {
        for (var prefix :
            List.of("10.0.0.0/8", "10.244.1.7/32", "fd00::/64", "0.0.0.0/0", "::/0")) {
          var entry =
              new IpcacheEntry(
                  new NumericIdentity(prefix.length()), IpAddress.parse("172.30.0.2"), 9, 0);
          datapath.ipcache().put(IpPrefix.parse(prefix), entry);
          assertThat(datapath.ipcache().lookup(new IpcacheKey(IpPrefix.parse(prefix))))
              .contains(entry);
        }
        assertThat(datapath.ipcache().entries().keySet())
            .extracting(key -> key.prefix().toString())
            .containsExactlyInAnyOrder(
                "10.0.0.0/8", "10.244.1.7/32", "fd00::/64", "0.0.0.0/0", "::/0");
        assertThat(datapath.ipcache().delete(IpPrefix.parse("10.0.0.0/8"))).isTrue();
        datapath.runtime().aggregation(Aggregation.MEDIUM, 1250);
        datapath.runtime().debug(true);
        assertThat(datapath.runtime().state())
            .isEqualTo(new RuntimeState(1, false, true, Aggregation.MEDIUM, 1250, 0));
        assertThat(datapath.counters().get(Counter.EVENTS_LOST)).isEqualTo(new MetricsEntry(0, 0));
        assertThat(datapath.metrics().entries()).isEmpty();
      }
      return true;
    });
  }
}
