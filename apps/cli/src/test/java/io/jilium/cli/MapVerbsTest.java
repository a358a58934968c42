// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.wire.agent.EndpointEntry;
import io.jilium.wire.agent.FlowEntry;
import io.jilium.wire.agent.FlowFlushed;
import io.jilium.wire.agent.FragmentEntry;
import io.jilium.wire.agent.IpcacheEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.MetricsEntry;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verbs on the kernel's maps print. */
final class MapVerbsTest {
  @TempDir private Path directory = Path.of("");

  private static ByteString ip(String text) {
    return ByteString.copyFrom(IpAddress.parse(text).bytes());
  }

  private static ByteString mac(String text) {
    return ByteString.copyFrom(MacAddress.parse(text).bytes());
  }

  @Test
  void listsEndpoints() throws IOException {
    var dump =
        MapDump.newBuilder()
            .addEndpoints(
                EndpointEntry.newBuilder()
                    .setAddress(ip("fd00::55"))
                    .setId(1445)
                    .setIdentity(3352)
                    .setIfindex(34)
                    .setMac(mac("c6:6d:95:cd:34:a2"))
                    .setNodeMac(mac("2a:0a:d9:17:44:22")))
            .addEndpoints(
                EndpointEntry.newBuilder()
                    .setAddress(ip("10.0.0.85"))
                    .setId(1445)
                    .setIdentity(3352)
                    .setIfindex(34)
                    .setMac(mac("c6:6d:95:cd:34:a2"))
                    .setNodeMac(mac("2a:0a:d9:17:44:22")))
            .addEndpoints(
                EndpointEntry.newBuilder().setAddress(ip("10.0.0.1")).setIdentity(1).setFlags(3));
    prints(
        """
        IP ADDRESS     LOCAL ENDPOINT INFO
        10.0.0.1:0     (localhost)
        10.0.0.85:0    id=1445  sec_id=3352  flags=0x0000 ifindex=34  mac=C6:6D:95:CD:34:A2 nodemac=2A:0A:D9:17:44:22
        [fd00::55]:0   id=1445  sec_id=3352  flags=0x0000 ifindex=34  mac=C6:6D:95:CD:34:A2 nodemac=2A:0A:D9:17:44:22
        """,
        dump,
        "bpf",
        "endpoint",
        "list");
  }

  @Test
  void listsTunnelPrefixes() throws IOException {
    var dump =
        MapDump.newBuilder()
            .addIpcache(
                IpcacheEntry.newBuilder()
                    .setAddress(ip("fd00:10:244:1::"))
                    .setPrefix(64)
                    .setTunnelEndpoint(ip("10.0.0.242")))
            .addIpcache(
                IpcacheEntry.newBuilder()
                    .setAddress(ip("10.100.1.0"))
                    .setPrefix(24)
                    .setTunnelEndpoint(ip("10.0.0.242")));
    prints(
        """
        TUNNEL            VALUE
        10.100.1.0        10.0.0.242:0
        fd00:10:244:1::   10.0.0.242:0
        """,
        dump,
        "bpf",
        "tunnel",
        "list");
    try (var agent = FakeAgent.start(directory, answer(dump))) {
      assertThat(agent.run("bpf", "tunnel", "list", "-o", "json").out())
          .contains("\"prefix\": \"10.100.1.0/24\"", "\"tunnelendpoint\": \"10.0.0.242\"");
      assertThat(agent.request().getMapDump().getMap()).isEqualTo(MapDumpRequest.Map.TUNNEL);
    }
  }

  @Test
  void listsIpcache() throws IOException {
    var dump =
        MapDump.newBuilder()
            .addIpcache(
                IpcacheEntry.newBuilder()
                    .setAddress(ip("10.244.0.28"))
                    .setPrefix(32)
                    .setIdentity(32048)
                    .setTunnelEndpoint(ip("192.168.250.12"))
                    .setFlags(0b1001))
            .addIpcache(
                IpcacheEntry.newBuilder().setAddress(ip("0.0.0.0")).setPrefix(0).setIdentity(2));
    prints(
        """
        IP PREFIX/ADDRESS   IDENTITY
        0.0.0.0/0           identity=2 encryptkey=0 tunnelendpoint=0.0.0.0 flags=<none>
        10.244.0.28/32      identity=32048 encryptkey=0 tunnelendpoint=192.168.250.12 flags=hastunnel,cluster
        """,
        dump,
        "bpf",
        "ipcache",
        "list");
  }

  private static MapDump.Builder flows() {
    return MapDump.newBuilder()
        .addFlows(
            FlowEntry.newBuilder()
                .setSrc(ip("198.51.100.1"))
                .setDst(ip("172.30.0.1"))
                .setSport(443)
                .setDport(40001)
                .setProto(6)
                .setPackets(3)
                .setBytes(180)
                .setFlags(0b101001)
                .setTcpFlags(0x12)
                .setAction(1)
                .setOutIfindex(12)
                .setExpiresMillis(60_000)
                .setCreatedMillis(12_345)
                .setReportedMillis(-1)
                .setSrcIdentity(9)
                .setDstIdentity(256)
                .setNatAddress(ip("10.244.0.7"))
                .setNatPort(51000))
        .addFlows(
            FlowEntry.newBuilder()
                .setSrc(ip("10.244.0.7"))
                .setDst(ip("198.51.100.1"))
                .setSport(51000)
                .setDport(443)
                .setProto(6)
                .setIfindex(12)
                .setPackets(4)
                .setBytes(240)
                .setFlags(0b11000)
                .setTcpFlags(0x1b)
                .setAction(5)
                .setOutIfindex(2)
                .setExpiresMillis(7_999_999)
                .setCreatedMillis(12_345)
                .setReportedMillis(5000)
                .setSrcIdentity(256)
                .setDstIdentity(9)
                .setNatAddress(ip("172.30.0.1"))
                .setNatPort(40001));
  }

  @Test
  void listsConnections() throws IOException {
    String expected =
        """
        TCP OUT 10.244.0.7:51000 -> 198.51.100.1:443 expires=7999 Packets=4 Bytes=240 TxFlagsSeen=0x1b LastTxReport=5s Flags=0x0018 [ SeenNonSyn RewriteSrc ] RevNAT=0 SourceSecurityID=256 DestSecurityID=9 Action=node Ifindex=2 Rule=0 NatPort=40001
        TCP IN 198.51.100.1:443 -> 172.30.0.1:40001 reply expires=60 Packets=3 Bytes=180 RxFlagsSeen=0x12 LastRxReport=never Flags=0x0029 [ Reply SeenNonSyn RewriteDst ] RevNAT=0 SourceSecurityID=9 DestSecurityID=256 Action=pod Ifindex=12 Rule=0 NatPort=51000
        """;
    prints(expected, flows(), "bpf", "ct", "list");
    prints(expected, flows(), "bpf", "ct", "list", "global");
  }

  @Test
  void listsTranslations() throws IOException {
    prints(
        """
        TCP OUT 10.244.0.7:51000 -> 198.51.100.1:443 XLATE_SRC 172.30.0.1:40001 Created=12sec ago NeedsCT=0
        TCP IN 198.51.100.1:443 -> 172.30.0.1:40001 XLATE_DST 10.244.0.7:51000 Created=12sec ago NeedsCT=0
        """,
        flows(),
        "bpf",
        "nat",
        "list");
  }

  @Test
  void listsPortsThatTheNodeItselfUses() throws IOException {
    var dump =
        MapDump.newBuilder()
            .addFlows(
                FlowEntry.newBuilder()
                    .setSrc(ip("172.30.0.1"))
                    .setDst(ip("172.30.255.1"))
                    .setSport(42222)
                    .setDport(2379)
                    .setProto(6)
                    .setFlags(1 << 6)
                    .setCreatedMillis(1_527_000))
            .addFlows(
                FlowEntry.newBuilder()
                    .setSrc(ip("172.30.255.1"))
                    .setDst(ip("172.30.0.1"))
                    .setSport(2379)
                    .setDport(42222)
                    .setProto(6)
                    .setFlags(1 << 6 | 1)
                    .setCreatedMillis(1_527_000));
    prints(
        """
        TCP OUT 172.30.0.1:42222 -> 172.30.255.1:2379 XLATE_SRC 172.30.0.1:42222 Created=1527sec ago NeedsCT=1
        TCP IN 172.30.255.1:2379 -> 172.30.0.1:42222 XLATE_DST 172.30.0.1:42222 Created=1527sec ago NeedsCT=1
        """,
        dump,
        "bpf",
        "nat",
        "list");
  }

  @Test
  void listsFragments() throws IOException {
    var dump =
        MapDump.newBuilder()
            .addFragments(
                FragmentEntry.newBuilder()
                    .setSrc(ip("10.244.0.7"))
                    .setDst(ip("10.244.1.7"))
                    .setId(45716)
                    .setIfindex(12)
                    .setProto(17)
                    .setSport(5000)
                    .setDport(53));
    prints(
        """
        DATAGRAM                                              PORTS
        10.244.0.7 -> 10.244.1.7, UDP, id 45716, ifindex 12   5000 -> 53
        """,
        dump,
        "bpf",
        "frag",
        "list");
  }

  @Test
  void listsCounters() throws IOException {
    var dump =
        MapDump.newBuilder()
            .addMetrics(
                MetricsEntry.newBuilder()
                    .setText("Success")
                    .setDirection(1)
                    .setPackets(17)
                    .setBytes(1700))
            .addMetrics(
                MetricsEntry.newBuilder()
                    .setReason(133)
                    .setText("Policy denied")
                    .setDirection(2)
                    .setPackets(123)
                    .setBytes(8902)
                    .setLine(1651)
                    .setFile("from_pod.bpf.c"));
    prints(
        """
        REASON          DIRECTION   PACKETS   BYTES   LINE   FILE
        Policy denied   EGRESS      123       8902    1651   from_pod.bpf.c
        Success         INGRESS     17        1700
        """,
        dump,
        "bpf",
        "metrics",
        "list");
  }

  @Test
  void flushesConnections() throws IOException {
    var answer =
        Response.newBuilder().setFlowFlushed(FlowFlushed.newBuilder().setEntries(12)).build();
    try (var agent = FakeAgent.start(directory, answer)) {
      assertThat(agent.run("bpf", "ct", "flush").out()).isEqualTo("Deleted 12 entries\n");
      assertThat(agent.request().hasFlowFlush()).isTrue();
    }
  }

  @Test
  void joinsTheManyPartsOfALargeMap() throws IOException {
    var part =
        MapDump.newBuilder()
            .addIpcache(IpcacheEntry.newBuilder().setAddress(ip("10.0.0.1")).setPrefix(32));
    try (var agent = FakeAgent.start(directory, answer(part), answer(part), answer(part))) {
      assertThat(agent.run("bpf", "ipcache", "list").out().lines()).hasSize(4);
    }
  }

  private void prints(String expected, MapDump.Builder dump, String... verb) throws IOException {
    Path own = java.nio.file.Files.createTempDirectory(directory, "agent");
    try (var agent = FakeAgent.start(own, answer(dump))) {
      assertThat(agent.run(verb)).isEqualTo(new FakeAgent.Outcome(0, expected, ""));
    }
  }

  private static Response answer(MapDump.Builder dump) {
    return Response.newBuilder().setMapDump(dump).build();
  }
}
