// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.jilium.cli.FakeAgent;
import io.jilium.core.model.IpAddress;
import io.jilium.wire.agent.Event;
import io.jilium.wire.agent.EventType;
import io.jilium.wire.agent.MonitorReport;
import io.jilium.wire.agent.MonitorStart;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code jilium monitor} prints. */
final class MonitorVerbTest {
  private static final String HEAD =
      """
      Listening for events on 2 CPUs with 4096 KiB of shared memory
      Press Ctrl-C to quit
      """;

  private static final ByteString ECHO =
      Packets.bytes(
          Packets.ethernet("0800"),
          Packets.ipv4(1, 64, "10.0.0.85", "10.0.1.124"),
          "0800 517d 0c00 0000",
          Packets.zeros(56));

  private static final ByteString SYN =
      Packets.bytes(
          Packets.ethernet("86dd"),
          Packets.ipv6(6, 20, "fd00::1", "fd00::2"),
          "a876 01bb 44354d0f 00000000 50 02 faf0 187a 0000");

  @TempDir private Path directory = Path.of("");

  private static Event.Builder event(EventType type, int subtype, ByteString data) {
    return Event.newBuilder()
        .setType(type)
        .setSubtype(subtype)
        .setCpu(3)
        .setEndpoint(1580)
        .setSrcIdentity(3352)
        .setDstIdentity(3352)
        .setLength(data.size())
        .setData(data)
        .setUnixNanos(1_700_000_000_000_000_000L);
  }

  private static Event.Builder toEndpoint() {
    return event(EventType.EVENT_TRACE, 0, ECHO)
        .setDstEndpoint(1580)
        .setIfindex(26)
        .setInterface("lxc5f949d4fd7fa")
        .setOrigIp(ByteString.copyFrom(IpAddress.parse("10.0.0.85").bytes()));
  }

  private static Event.Builder drop() {
    return event(EventType.EVENT_DROP, 133, SYN)
        .setHash(0x5bd1)
        .setDstIdentity(9)
        .setIfindex(12)
        .setInterface("lxc1")
        .setLine(211)
        .setFile("from_pod.bpf.c")
        .setReason("Policy denied")
        .setRule(7);
  }

  private static Event.Builder debug(int point, int first, int second) {
    return event(EventType.EVENT_DEBUG, point, ECHO).addArgs(first).addArgs(second);
  }

  @Test
  void tracesInOneLine() throws IOException {
    prints(
        """
        -> endpoint 1580 flow 0x0 , identity 3352->3352 state new ifindex lxc5f949d4fd7fa orig-ip 10.0.0.85: 10.0.0.85 -> 10.0.1.124 EchoRequest
        """,
        toEndpoint(),
        "monitor");
    prints(
        """
        -> stack flow 0x6f719442 , identity 15882->host state reply ifindex 0 orig-ip 0.0.0.0: [fd00::1]:43126 -> [fd00::2]:443 tcp SYN
        """,
        event(EventType.EVENT_TRACE, 3, SYN)
            .setSrcIdentity(15882)
            .setDstIdentity(1)
            .setState(2)
            .setHash(0x6f719442),
        "monitor");
    prints(
        """
        <- overlay flow 0x0 , identity 6->1 state unknown ifindex 4 orig-ip 0.0.0.0: 10.0.0.85 -> 10.0.1.124 EchoRequest
        """,
        event(EventType.EVENT_TRACE, 9, ECHO)
            .setSrcIdentity(6)
            .setDstIdentity(1)
            .setState(5)
            .setIfindex(4),
        "monitor",
        "-n");
  }

  @Test
  void dropsInOneLine() throws IOException {
    prints(
        """
        xx drop (Policy denied) flow 0x5bd1 to endpoint 0, ifindex lxc1, file from_pod.bpf.c:211, , identity 3352->world-ipv4: [fd00::1]:43126 -> [fd00::2]:443 tcp SYN
        """,
        drop(),
        "monitor");
  }

  @Test
  void verdictsInOneLine() throws IOException {
    prints(
        """
        Policy verdict log: flow 0x0 local EP ID 1580, remote ID world-ipv6, proto 6, egress, action deny, rule 7, [fd00::1]:43126 -> [fd00::2]:443 tcp SYN
        """,
        event(EventType.EVENT_POLICY_VERDICT, 133, SYN)
            .setDirection(2)
            .setDstIdentity(10)
            .setRule(7),
        "monitor");
    prints(
        """
        Policy verdict log: flow 0x0 local EP ID 1580, remote ID 3352, proto 1, ingress, action allow, rule none, 10.0.0.85 -> 10.0.1.124 EchoRequest
        """,
        event(EventType.EVENT_POLICY_VERDICT, 0, ECHO).setDirection(1),
        "monitor");
  }

  @Test
  void everyHeaderWhenVerbose() throws IOException {
    prints(
        """
        ------------------------------------------------------------------------------
        CPU 03: MARK 0x0 FROM 1580 to-endpoint: 98 bytes (98 captured), state new, interface lxc5f949d4fd7fa, , identity 3352->3352, orig-ip 10.0.0.85, to endpoint 1580
        Ethernet\t{Contents=[..14..] Payload=[..84..] SrcMAC=ca:0e:fa:6c:0f:30 DstMAC=42:ef:f8:7a:9e:f7 EthernetType=IPv4 Length=0}
        IPv4\t{Contents=[..20..] Payload=[..64..] Version=4 IHL=5 TOS=0 Length=84 Id=45716 Flags=DF FragOffset=0 TTL=62 Protocol=ICMPv4 Checksum=29764 SrcIP=10.0.0.85 DstIP=10.0.1.124 Options=[] Padding=[]}
        ICMPv4\t{Contents=[..8..] Payload=[..56..] TypeCode=EchoRequest Checksum=20861 Id=3072 Seq=0}
        """,
        toEndpoint(),
        "monitor",
        "-v");
    try (var agent = start(report(drop()))) {
      assertThat(agent.run("monitor", "-vv").out())
          .contains(
              "CPU 03: MARK 0x5bd1 FROM 1580 DROP: 74 bytes, reason Policy denied, identity"
                  + " 3352->world-ipv4, file from_pod.bpf.c:211, rule 7\n");
    }
  }

  @Test
  void stepsOfAPacketsHandling() throws IOException {
    try (var agent =
        start(
            report(
                debug(1, 1, 0),
                debug(2, 2, 0),
                debug(3, 3352, 3352),
                debug(4, 3352, 0),
                debug(5, 3, 2),
                debug(6, 51000, 40001)))) {
      assertThat(agent.run("monitor", "-vv").out())
          .isEqualTo(
              HEAD
                  + """
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: Conntrack lookup 1/2: src=10.0.0.85:3072 dst=10.0.1.124:0
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: Conntrack lookup 2/2: nexthdr=1 flags=1
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: CT verdict: Reply, revnat=0
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: CT verdict: New, revnat=0
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: Conntrack create: revnat=0 src-identity=3352 dst-identity=3352
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: Successfully mapped addr=10.0.0.85 to identity=3352
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: Forwarding: through the tunnel, ifindex=2
                  CPU 03: MARK 0x0 FROM 1580 DEBUG: NAT: source port or ICMP id 51000 becomes 40001
                  """);
      assertThat(agent.request().getMonitor().getTypesList())
          .contains(EventType.EVENT_DEBUG, EventType.EVENT_TRACE);
    }
  }

  @Test
  void jsonHasCiliumsFieldNames() throws IOException {
    try (var agent = start(report(toEndpoint(), drop(), debug(2, 2, 0)))) {
      var lines = agent.run("monitor", "-o", "json").out().lines().toList();
      assertThat(lines).hasSize(3);
      assertThat(lines.getFirst())
          .startsWith(
              "{\"cpu\":\"CPU 03:\",\"type\":\"trace\",\"time\":\"2023-11-14T22:13:20Z\",\"mark\":\"0x0\","
                  + "\"ifindex\":\"lxc5f949d4fd7fa\",\"state\":\"new\",\"observationPoint\":\"to-endpoint\","
                  + "\"traceSummary\":\"-> endpoint 1580\"")
          .contains(
              "\"source\":1580,\"bytes\":98,\"srcLabel\":3352,\"dstLabel\":3352,\"dstID\":1580")
          .contains("\"icmpv4\":\"ICMPv4\\t{Contents=[..8..]")
          .endsWith("\"l3\":{\"src\":\"10.0.0.85\",\"dst\":\"10.0.1.124\"}}}");
      assertThat(lines.get(1))
          .contains("\"type\":\"drop\"", "\"reason\":\"Policy denied\"", "\"Line\":211")
          .contains("\"l4\":{\"src\":\"43126\",\"dst\":\"443\"}");
      assertThat(lines.get(2)).endsWith("\"message\":\"CT verdict: Reply, revnat=0\"}");
    }
  }

  @Test
  void bytesInsteadOfHeaders() throws IOException {
    try (var agent = start(report(toEndpoint()))) {
      assertThat(agent.run("monitor", "--hex").out())
          .contains(
              "00000000  42 ef f8 7a 9e f7 ca 0e fa 6c 0f 30 08 00 45 00  |B..z.....l.0..E.|\n");
    }
  }

  @Test
  void sendsTheFilters() throws IOException {
    try (var agent = start(MonitorReport.newBuilder())) {
      agent.run(
          "monitor",
          "-t",
          "drop",
          "--type",
          "debug",
          "--related-to",
          "7,8",
          "--from",
          "9",
          "--to",
          "10",
          "--no-aggregation");
      var request = agent.request().getMonitor();
      assertThat(request.getTypesList())
          .containsExactly(EventType.EVENT_DROP, EventType.EVENT_DEBUG);
      assertThat(request.getRelatedToList()).containsExactly(7, 8);
      assertThat(request.getFromList()).containsExactly(9);
      assertThat(request.getToList()).containsExactly(10);
      assertThat(request.getNoAggregation()).isTrue();
    }
  }

  @Test
  void saysWhatWasLost() throws IOException {
    try (var agent = start(MonitorReport.newBuilder().setLostKernel(5).setLostClient(1234))) {
      assertThat(agent.run("monitor").out())
          .endsWith(
              """
              EVENTS LOST: 5, because the kernel's buffer was full
              EVENTS LOST: 1234, because this client reads too slowly
              """);
      assertThat(agent.run("monitor", "-j").out())
          .isEqualTo(
              """
              {"type":"lost","source":"kernel","count":5}
              {"type":"lost","source":"client","count":1234}
              """);
    }
  }

  private void prints(String expected, Event.Builder event, String... verb) throws IOException {
    try (var agent = start(report(event))) {
      assertThat(agent.run(verb)).isEqualTo(new FakeAgent.Outcome(0, HEAD + expected, ""));
    }
  }

  private FakeAgent start(MonitorReport.Builder report) throws IOException {
    var start =
        MonitorReport.newBuilder()
            .setStart(MonitorStart.newBuilder().setCpus(2).setRingBytes(4 << 20));
    return FakeAgent.start(
        Files.createTempDirectory(directory, "agent"),
        Response.newBuilder().setMonitor(start).build(),
        Response.newBuilder().setMonitor(report).build());
  }

  private static MonitorReport.Builder report(Event.Builder... events) {
    var report = MonitorReport.newBuilder();
    for (Event.Builder event : events) {
      report.addEvents(event);
    }
    return report;
  }
}
