// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jilium.linux.FdLeakCheck;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Syscalls;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class LinkTest {
  private static final int LOOPBACK = 1;

  @TempDir private Path bpffs = Path.of("");

  private Netns netns = Netns.current();
  private LoadedObject programs = new LoadedObject("none");
  private BpfMap<Integer, Long> seen = unused();

  @BeforeEach
  void loadPrograms() {
    seen.close();
    netns.close();
    netns = Netns.createUnnamed();
    programs = TestPrograms.open("tc").load();
    seen = programs.map("seen", MapLayout.U32, MapLayout.U64);
    Mounts.ensureBpffs(bpffs);
    try (var netlink = NetlinkSocket.open(netns)) {
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
    }
  }

  @AfterEach
  void unload() {
    Syscalls.umount2(bpffs, Syscalls.MNT_DETACH);
    seen.close();
    programs.close();
    netns.close();
  }

  @Test
  void foreignProgramOnTheSameDeviceIsLeftAlone() {
    assumeTcx();
    try (var foreign = tcx("count_foreign", TcxPosition.last());
        var ours = tcx("count_first", TcxPosition.last())) {
      sendDatagrams(10);
      assertThat(seen("count_first")).isEqualTo(10);
      assertThat(seen("count_foreign")).isEqualTo(10);
      ours.update(programs.program("count_second"));
      ours.detach();
      sendDatagrams(5);
      assertThat(seen("count_foreign")).isEqualTo(15);
      assertThat(query().attached())
          .containsExactly(new TcxPrograms.Attached(foreign.programId(), foreign.info().id()));
    }
    assertThat(query().attached()).isEmpty();
  }

  @Test
  void programsRunWhereTheirPositionSays() {
    assumeTcx();
    try (var middle = tcx("count_first", TcxPosition.last());
        var head = tcx("count_second", TcxPosition.beforeProgram(middle.programId()));
        var tail = tcx("count_foreign", TcxPosition.last())) {
      var list = query();
      assertThat(list.attached())
          .extracting(TcxPrograms.Attached::programId)
          .containsExactly(head.programId(), middle.programId(), tail.programId());
      assertThatThrownBy(
              () -> tcx("touch", TcxPosition.first().ifRevision(list.revision() + 1)).close())
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.ESTALE)).isTrue())
          .hasMessageContaining("tcx INGRESS of ifindex 1");
    }
  }

  @Test
  void replacementIsAtomicForPacketsOnTheWay() throws Exception {
    assumeTcx();
    var stop = new AtomicBoolean();
    try (var link = tcx("count_first", TcxPosition.last())) {
      var replacer =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; !stop.get(); i++) {
                  var next = i % 2 == 0 ? "count_second" : "count_first";
                  link.update(programs.program(next));
                }
              });
      sendDatagrams(20_000);
      stop.set(true);
      replacer.join();
      assertThat(seen("count_first") + seen("count_second")).isEqualTo(20_000);
      assertThat(seen("count_second")).isPositive();
    }
  }

  @Test
  void pinnedLinkStaysAndIsFoundAgain() {
    assumeTcx();
    var pin = bpffs.resolve("links/lo-ingress");
    try (var link = tcx("count_first", TcxPosition.last())) {
      link.pin(pin);
    }
    sendDatagrams(3);
    assertThat(seen("count_first")).isEqualTo(3);
    try (var link = Link.open(pin)) {
      assertThat(link).isInstanceOf(TcxLink.class);
      assertThat(link.info())
          .isInstanceOfSatisfying(
              LinkInfo.Tcx.class,
              tcx -> {
                assertThat(tcx.ifindex()).isEqualTo(LOOPBACK);
                assertThat(tcx.hook()).isEqualTo(TcHook.INGRESS);
              });
      link.update(programs.program("count_second"));
    }
    sendDatagrams(4);
    assertThat(seen("count_second")).isEqualTo(4);
    assertThat(Link.unpin(pin)).isTrue();
    assertThat(Link.find(pin)).isEmpty();
  }

  @Test
  void pinOfADeviceThatIsGoneIsReplaced() {
    assumeTcx();
    var pin = bpffs.resolve("links/device-ingress");
    var attachments = TcAttachments.of(KernelFeatures.probe(), new NoClsact());
    int first = createDevice();
    inside(() -> attachments.ensure(first, TcHook.INGRESS, program("count_first"), pin).close());
    try (var netlink = NetlinkSocket.open(netns)) {
      netlink.apply(Links.delete("d0"));
    }
    int second = createDevice();
    inside(() -> {
      assertThat(attachments.find(first, TcHook.INGRESS, pin)).isEmpty();
      try (var link = attachments.ensure(second, TcHook.INGRESS, program("count_first"), pin)) {
        assertThat(link.programId()).isEqualTo(program("count_first").info().id());
      }
      assertThat(attachments.find(second, TcHook.INGRESS, pin))
          .isPresent()
          .get()
          .satisfies(found -> {
            try (found) {
              assertThat(found.kind()).isEqualTo(TcAttachment.Kind.TCX);
            }
          });
    });
    attachments.remove(second, TcHook.INGRESS, pin);
  }

  @Test
  void xdpLinkCountsAndIsReplaced() {
    try (var link =
        netns.run(() -> XdpLink.attach(LOOPBACK, XdpLink.Mode.GENERIC, program("xdp_count")))) {
      sendDatagrams(6);
      assertThat(seen("xdp_count")).isEqualTo(6);
      link.update(program("xdp_count"));
      assertThat(link.info()).isInstanceOf(LinkInfo.Xdp.class);
      assertThatThrownBy(() ->
              netns.run(() -> XdpLink.attach(LOOPBACK, XdpLink.Mode.GENERIC, program("xdp_count"))))
          .hasMessageContaining("EBUSY");
    }
    sendDatagrams(1);
    assertThat(seen("xdp_count")).isEqualTo(6);
  }

  @Test
  void cgroupLinkDecidesForItsSockets() throws IOException {
    var root = Mounts.cgroup2();
    assumeTrue(root.isPresent(), "no cgroup v2 hierarchy");
    var group = Files.createDirectory(root.get().resolve("jilium-link-test"));
    var procs = root.get().resolve("cgroup.procs");
    try {
      Files.writeString(
          group.resolve("cgroup.procs"), Long.toString(ProcessHandle.current().pid()));
      try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
          var link =
              CgroupLink.attach(
                  group, AttachType.CGROUP_INET4_CONNECT, program("refuse_connect"))) {
        assertThatThrownBy(() -> connect(server.getLocalPort())).isInstanceOf(IOException.class);
        link.update(program("allow_connect"));
        connect(server.getLocalPort());
        assertThat(link.info()).isInstanceOf(LinkInfo.Cgroup.class);
      }
    } finally {
      Files.writeString(procs, Long.toString(ProcessHandle.current().pid()));
      Files.delete(group);
    }
  }

  /** Through a socket of AF_INET: those of AF_INET6 meet another hook, also for IPv4. */
  private static void connect(int port) throws IOException {
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (var socket = SocketChannel.open(StandardProtocolFamily.INET)) {
      assertThat(socket.connect(new InetSocketAddress(loopback, port))).isTrue();
    }
  }

  private static void assumeTcx() {
    assumeTrue(KernelFeatures.probe().has(KernelFeature.TCX), KernelFeature.TCX.description());
  }

  private TcxLink tcx(String program, TcxPosition position) {
    return netns.run(() -> TcxLink.attach(LOOPBACK, TcHook.INGRESS, program(program), position));
  }

  private TcxPrograms query() {
    return netns.run(() -> TcxLink.query(LOOPBACK, TcHook.INGRESS));
  }

  private Program program(String name) {
    return programs.program(name);
  }

  private long seen(String program) {
    int index =
        switch (program) {
          case "count_first" -> 0;
          case "count_second" -> 1;
          case "count_foreign" -> 2;
          case "xdp_count" -> 3;
          default -> throw new IllegalArgumentException(program);
        };
    return seen.lookup(index).orElseThrow();
  }

  private void inside(Runnable task) {
    netns.execute(task);
  }

  /** A datagram to a listening port, so that no ICMP error answers; one packet each on lo. */
  private void sendDatagrams(int count) {
    netns.run(() -> {
      var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      try (var receiver = new DatagramSocket(0, loopback);
          var sender = new DatagramSocket(0, loopback)) {
        var packet = new DatagramPacket(new byte[1], 1, loopback, receiver.getLocalPort());
        for (int i = 0; i < count; i++) {
          sender.send(packet);
        }
      }
      return count;
    });
  }

  private int createDevice() {
    try (var netlink = NetlinkSocket.open(netns)) {
      netlink.apply(Links.createVeth(LinkSettings.named("d0"), LinkSettings.named("d1")));
      return netlink.find(Links.byName("d0")).orElseThrow().index();
    }
  }

  private static BpfMap<Integer, Long> unused() {
    return BpfMap.of(
        KernelMap.create(MapSpec.of(MapType.ARRAY, "unused", 4, 8, 1)),
        MapLayout.U32,
        MapLayout.U64);
  }

  /** For a kernel with tcx, where the fallback must not be asked. */
  private static final class NoClsact implements Clsact {
    @Override
    public void replace(int ifindex, TcHook hook, Fd program, String name) {
      throw new AssertionError("clsact used");
    }

    @Override
    public boolean remove(int ifindex, TcHook hook) {
      throw new AssertionError("clsact used");
    }

    @Override
    public OptionalInt programId(int ifindex, TcHook hook) {
      throw new AssertionError("clsact used");
    }
  }
}
