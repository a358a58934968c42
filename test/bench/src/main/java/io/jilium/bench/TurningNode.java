// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.datapath.Aggregation;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.FlowAction;
import io.jilium.datapath.FlowEntry;
import io.jilium.datapath.FlowFlag;
import io.jilium.datapath.FlowKey;
import io.jilium.datapath.FlowOrigin;
import io.jilium.datapath.MapSizes;
import io.jilium.datapath.ServiceSizes;
import io.jilium.datapath.XdpMode;
import io.jilium.linux.ebpf.Link;
import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.SkbContext;
import io.jilium.linux.ebpf.TestRun;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.PacketBuilder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A node that sends clients' packets on to a backend of another one, with a table written by hand:
 * one entry translates a packet from the client to the backend, the other one back, and both send
 * it to the device's own address. So one packet can be run many times, and is translated each time.
 */
final class TurningNode implements AutoCloseable {
  private static final String MAC = "0e:00:00:00:00:01";
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ACK = 0x10;

  /** Every run takes one from the packet's TTL, which begins at 255. */
  private static final int REPEAT = 250;

  /** Unsigned: entries do not age. */
  private static final int NEVER = -1;

  private static final int REDIRECT = 7;
  private static final int TRANSMIT = 3;

  private final Netns netns = Netns.createUnnamed();
  private final NetlinkSocket kernel = NetlinkSocket.open(netns);
  private final Path directory =
      Path.of("/sys/fs/bpf", "jilium-bench-%d-xdp".formatted(ProcessHandle.current().pid()));
  private final Datapath datapath;
  private final Program tc;
  private final Program xdp;
  private final int eth0;
  private byte[] packet = new byte[0];

  TurningNode() {
    var mac = io.jilium.linux.netlink.MacAddress.parse(MAC);
    kernel.apply(
        Links.createVeth(LinkSettings.named("eth0").mac(mac).up(), LinkSettings.named("wire0")));
    eth0 = kernel.find(Links.byName("eth0")).orElseThrow().index();
    datapath = netns.run(() -> Datapath.load(directory, config(), kernel));
    netns.execute(() -> {
      datapath.attachUnderlay("eth0", eth0);
      datapath.accelerate("eth0", eth0, XdpMode.NATIVE);
    });
    tc = running("eth0-from_netdev");
    xdp = running("eth0-xdp_netdev");
    datapath.runtime().aggregation(Aggregation.MEDIUM, NEVER);
  }

  private Program running(String pin) {
    try (var link = Link.open(directory.resolve("links").resolve(pin))) {
      return Program.ofId(link.info().programId());
    }
  }

  private static DatapathConfig config() {
    return new DatapathConfig(
            new DatapathConfig.Addresses(
                Optional.of(IpAddress.parse("10.78.1.1")),
                Optional.of(IpAddress.parse("fd00:10:78::1")),
                Optional.empty(),
                Optional.empty()),
            new DatapathConfig.Devices(0, 0, 0),
            DatapathConfig.Tunnel.NONE,
            DatapathConfig.Masquerade.NONE,
            true,
            true,
            1500,
            NEVER,
            128,
            true,
            new MapSizes(1024, 16, 16, 16, 16, 64, 1 << 16))
        .withServices(ServiceSizes.of(16, 251));
  }

  /** Makes the flow, and the packet of it that is run from now on. */
  void serve(boolean v4, boolean tcp) {
    var client = v4 ? "198.51.100.7" : "fd00:198::7";
    var node = v4 ? "10.79.0.1" : "fd00:10:79::1";
    var backend = v4 ? "10.78.2.9" : "fd00:10:78:2::9";
    int protocol = tcp ? TCP : UDP;
    var asked = key(client, 40000, node, 30080, protocol);
    var sent = key(node, 40001, backend, 8080, protocol);
    datapath.flows().put(asked, entry(sent));
    datapath.flows().put(sent, entry(asked));
    var start = PacketBuilder.ethernet("0e:00:00:00:00:fe", MAC).ip(client, node).ttl(255);
    packet =
        (tcp ? start.tcp(40000, 30080).flags("A") : start.udp(40000, 30080)).payload(64).bytes();
  }

  private static FlowKey key(String from, int port, String to, int toPort, int protocol) {
    return new FlowKey(IpAddress.parse(from), IpAddress.parse(to), port, toPort, 0, protocol);
  }

  /** Makes a packet one of the other flow. */
  private FlowEntry entry(FlowKey other) {
    var mac = MacAddress.parse(MAC);
    var none = IpAddress.v4(0);
    int flags =
        FlowFlag.SERVICE.number() | FlowFlag.REWRITE_SRC.number() | FlowFlag.REWRITE_DST.number();
    return new FlowEntry(
        1,
        60,
        datapath.runtime().epoch(),
        0,
        0,
        0,
        0,
        new NumericIdentity(2),
        new NumericIdentity(2),
        0,
        eth0,
        0,
        0,
        FlowAction.NODE,
        ACK,
        flags,
        mac,
        mac,
        1500,
        FlowOrigin.NETWORK,
        other.sourcePort(),
        other.destinationPort(),
        other.source(),
        other.destination(),
        none,
        none,
        1,
        1);
  }

  int tcNanos() {
    return nanos(tc, TestRun.of(packet).with(SkbContext.onDevice(eth0)), REDIRECT);
  }

  int xdpNanos() {
    return nanos(xdp, TestRun.of(packet).receivedBy(eth0), TRANSMIT);
  }

  private int nanos(Program program, TestRun run, int expected) {
    var result = netns.run(() -> program.testRun(run.repeated(REPEAT)));
    if (result.returned() != expected) {
      throw new BenchException(
          "%s returned %d, not %d: the packet is not on the path that is measured"
              .formatted(program, result.returned(), expected));
    }
    return result.nanosPerRun();
  }

  @Override
  public void close() {
    tc.close();
    xdp.close();
    datapath.close();
    netns.execute(() -> Datapath.remove(directory, kernel));
    kernel.close();
    netns.close();
  }
}
