// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kit.PacketBuilder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a pod sends: packet in, packet out. */
@Tag("kernel")
class FromPodTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static PacketBuilder from(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, to);
  }

  private static PacketResult expect(Ip ip, PacketBuilder packet, String outcome) {
    return lab.expect(ip, Hook.FROM_POD, lab.lxcA, packet.bytes(), outcome);
  }

  @ParameterizedTest
  @EnumSource
  void podOnTheSameNodeIsReachedDirectly(Ip ip) {
    expect(
        ip,
        from(ip, ip.podB).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:80 tcp SYN ttl 63");
    expect(
        ip,
        from(ip, ip.podB).udp(5000, 53).payload(9),
        "redirect lxcB>B podA:5000 -> podB:53 udp ttl 63");
    expect(
        ip,
        from(ip, ip.podB).sctp(5000, 36412).payload(16),
        "redirect lxcB>B podA:5000 -> podB:36412 sctp ttl 63");
    expect(
        ip,
        from(ip, ip.podB).echo(77, 1).payload(56),
        "redirect lxcB>B podA -> podB EchoRequest ttl 63");
    expect(ip, from(ip, ip.podB).protocol(47).payload(20), "redirect lxcB>B podA -> podB ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void flowAndItsHalfAreWritten(Ip ip) {
    expect(
        ip,
        from(ip, ip.podB).tcp(40000, 80).flags("S").payload(10),
        "redirect lxcB>B podA:40000 -> podB:80 tcp SYN ttl 63");
    var flow = lab.flow(Flows.key(ip.podA, 40000, ip.podB, 80, lab.lxcA));
    assertThat(flow.action()).isEqualTo(FlowAction.POD);
    assertThat(flow.ifindex()).isEqualTo(lab.lxcB);
    assertThat(flow.packets()).isEqualTo(1);
    assertThat(flow.bytes()).isEqualTo((ip.isV4() ? 20 : 40) + 20 + 10);
    assertThat(flow.sourceIdentity().value()).isEqualTo(PacketLab.IDENTITY_A);
    assertThat(flow.destinationIdentity().value()).isEqualTo(PacketLab.IDENTITY_B);
    assertThat(flow.has(FlowFlag.REPLY)).isFalse();
    var half = lab.flow(Flows.key(ip.podB, 80, ip.podA, 40000, lab.lxcB));
    assertThat(half.has(FlowFlag.REPLY)).isTrue();
    assertThat(half.packets()).isZero();
    assertThat(half.epoch()).as("not decided").isZero();
  }

  @ParameterizedTest
  @EnumSource
  void answerIsAReply(Ip ip) {
    expect(
        ip,
        from(ip, ip.podB).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:80 tcp SYN ttl 63");
    var answer =
        PacketBuilder.ethernet(PacketLab.MAC_B, PacketLab.MAC_LXC_B)
            .ip(ip.podB, ip.podA)
            .tcp(80, 40000)
            .flags("SA");
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcB,
        answer.bytes(),
        "redirect lxcA>A podB:80 -> podA:40000 tcp SYN, ACK ttl 63");
    var flow = lab.flow(Flows.key(ip.podB, 80, ip.podA, 40000, lab.lxcB));
    assertThat(flow.has(FlowFlag.REPLY)).isTrue();
    assertThat(flow.action()).isEqualTo(FlowAction.POD);
  }

  @ParameterizedTest
  @EnumSource
  void podOfAnotherNodeIsReachedThroughTheTunnel(Ip ip) {
    expect(
        ip,
        from(ip, ip.remotePod).tcp(40000, 80).flags("S"),
        ip.names(
            "redirect eth0>other 172.30.0.1 -> 172.30.0.2 vni 1001, A>lxcA"
                + " podA:40000 -> remotePod:80 tcp SYN ttl 64"));
  }

  @ParameterizedTest
  @EnumSource
  void captureOnTheOverlaySeesThePacket(Ip ip) {
    lab.datapath().runtime().overlayCapture(true);
    expect(
        ip,
        from(ip, ip.remotePod).tcp(40000, 80).flags("S"),
        "redirect A>lxcA podA:40000 -> remotePod:80 tcp SYN ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void nativeRoutingSendsThePacketAsItIs(Ip ip) {
    lab.configure(lab.nativeRouting());
    expect(
        ip,
        from(ip, ip.remotePod).tcp(40000, 80).flags("S"),
        "redirect eth0>other podA:40000 -> remotePod:80 tcp SYN ttl 63");
    var flow = lab.flow(Flows.key(ip.podA, 40000, ip.remotePod, 80, lab.lxcA));
    assertThat(flow.action()).isEqualTo(FlowAction.NODE);
    assertThat(flow.ifindex()).isEqualTo(lab.eth0);
  }

  @ParameterizedTest
  @EnumSource
  void nodeItselfIsReachedThroughItsStack(Ip ip) {
    expect(
        ip,
        from(ip, ip.node).tcp(40000, 10250).flags("S"),
        "ok A>lxcA podA:40000 -> node:10250 tcp SYN ttl 64");
    expect(
        ip,
        from(ip, ip.router).echo(3, 1).payload(8),
        "ok A>lxcA podA -> router EchoRequest ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void optionsAndExtensionHeadersDoNotMatter(Ip ip) {
    var packet =
        ip.isV4()
            ? from(ip, ip.podB).ipv4Options((byte) 1, (byte) 1, (byte) 1, (byte) 0)
            : from(ip, ip.podB).extension(0).extension(60);
    expect(
        ip,
        packet.tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:80 tcp SYN ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void smallFrameMayBePadded(Ip ip) {
    byte[] frame = from(ip, ip.podB).udp(1, 2).bytes();
    var padded = Arrays.copyOf(frame, frame.length + 18);
    var result = lab.run(Hook.FROM_POD, lab.lxcA, padded);
    assertThat(result.text(ip)).isEqualTo("redirect lxcB>B podA:1 -> podB:2 udp ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void fastAndSlowPathDoTheSame(Ip ip) {
    for (var to : List.of(ip.podB, ip.remotePod, ip.world, ip.node, ip.otherNode)) {
      for (var packet :
          List.of(
              from(ip, to).tcp(40000, 80).flags("A").payload(100),
              from(ip, to).udp(5000, 53).payload(33),
              from(ip, to).sctp(50005, 36412).payload(16),
              from(ip, to).echo(99, 1).payload(8))) {
        lab.datapath().runtime().debug(false);
        var first = lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes());
        var fast = lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes());
        lab.datapath().runtime().debug(true);
        var slow = lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes());
        assertThat(fast.text(ip)).isEqualTo(first.text(ip)).isEqualTo(slow.text(ip));
        assertThat(fast.events()).as("fast: " + fast.text(ip)).isEmpty();
        assertThat(slow.events()).as("slow: " + fast.text(ip)).isNotEmpty();
        assertThat(List.of(first.faults(), fast.faults(), slow.faults()))
            .as(first.text(ip))
            .allMatch(List::isEmpty);
        assertThat(first.drops()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void changedTablesAreSeenByTheNextPacket(Ip ip) {
    var packet = from(ip, ip.podB).tcp(40000, 80).flags("A");
    expect(ip, packet, "redirect lxcB>B podA:40000 -> podB:80 tcp ACK ttl 63");
    lab.datapath().endpoints().delete(Ip.address(ip.podB));
    expect(ip, packet, "redirect lxcB>B podA:40000 -> podB:80 tcp ACK ttl 63");
    lab.datapath().runtime().bumpEpoch();
    expect(ip, packet, "shot: Stale or unroutable IP");
  }
}
