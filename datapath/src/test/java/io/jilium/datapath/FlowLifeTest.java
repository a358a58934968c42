// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.TraceObservationPoint;
import io.jilium.core.model.TraceState;
import io.jilium.core.packet.PacketDecoder;
import io.jilium.core.packet.PacketSummary;
import io.jilium.test.kit.PacketBuilder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection from its first packet to its last, and what is told of it. */
@Tag("kernel")
class FlowLifeTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static PacketResult there(Ip ip, String flags) {
    var packet = PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.podB).tcp(40000, 80);
    return lab.run(Hook.FROM_POD, lab.lxcA, packet.flags(flags).bytes());
  }

  private static PacketResult back(Ip ip, String flags) {
    var packet = PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.podA).tcp(80, 40000);
    return lab.run(Hook.FROM_POD, lab.lxcB, packet.flags(flags).bytes());
  }

  private static FlowKey key(Ip ip) {
    return Flows.key(ip.podA, 40000, ip.podB, 80, lab.lxcA);
  }

  private static FlowKey reverse(Ip ip) {
    return Flows.key(ip.podB, 80, ip.podA, 40000, lab.lxcB);
  }

  private static Conntrack.State state(Ip ip) {
    return Conntrack.state(key(ip), lab.flow(key(ip)), Optional.of(lab.flow(reverse(ip))));
  }

  @ParameterizedTest
  @EnumSource
  void connectionOpensAndCloses(Ip ip) {
    there(ip, "S");
    assertThat(state(ip)).isEqualTo(Conntrack.State.HANDSHAKE);
    back(ip, "SA");
    assertThat(state(ip)).isEqualTo(Conntrack.State.HANDSHAKE);
    there(ip, "A");
    assertThat(state(ip)).isEqualTo(Conntrack.State.ESTABLISHED);
    back(ip, "PA");
    there(ip, "FA");
    assertThat(state(ip)).as("half closed").isEqualTo(Conntrack.State.ESTABLISHED);
    back(ip, "FA");
    assertThat(state(ip)).isEqualTo(Conntrack.State.CLOSING);
    assertThat(lab.flow(key(ip)).packets()).isEqualTo(3);
    assertThat(lab.flow(reverse(ip)).packets()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void resetEndsBothDirections(Ip ip) {
    there(ip, "S");
    back(ip, "SA");
    there(ip, "A");
    back(ip, "R");
    assertThat(state(ip)).isEqualTo(Conntrack.State.CLOSING);
    assertThat(lab.flow(key(ip)).has(FlowFlag.CLOSING)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void synOnAClosedConnectionIsANewOne(Ip ip) {
    there(ip, "S");
    back(ip, "SA");
    there(ip, "FA");
    back(ip, "FA");
    there(ip, "A");
    var again = there(ip, "S");
    assertThat(again.drops()).isEmpty();
    assertThat(state(ip)).isEqualTo(Conntrack.State.HANDSHAKE);
    assertThat(lab.flow(key(ip)).packets()).isEqualTo(1);
    assertThat(states(again)).containsExactly(TraceState.NEW);
  }

  @ParameterizedTest
  @EnumSource
  void traceTellsNewReplyAndEstablished(Ip ip) {
    var first = there(ip, "S");
    assertThat(states(first)).containsExactly(TraceState.NEW);
    var event = (TraceEvent) first.events().getFirst();
    assertThat(event.point()).isEqualTo(TraceObservationPoint.TO_ENDPOINT.number());
    assertThat(event.destinationEndpoint()).isEqualTo(PacketLab.IDENTITY_B);
    assertThat(event.common().ifindex()).isEqualTo(lab.lxcB);
    assertThat(event.common().sourceIdentity().value()).isEqualTo(PacketLab.IDENTITY_A);
    assertThat(event.common().ipv6()).isEqualTo(!ip.isV4());
    assertThat(event.common().length()).isEqualTo(first.packet().length);
    var packet = PacketDecoder.ethernet(event.common().packet().bytes(), OptionalInt.empty());
    assertThat(ip.names(PacketSummary.of(packet))).isEqualTo("podA:40000 -> podB:80 tcp SYN");
    assertThat(states(back(ip, "SA"))).containsExactly(TraceState.REPLY);
    assertThat(states(there(ip, "A"))).as("a flag not seen before").hasSize(1);
    assertThat(states(there(ip, "A"))).as("aggregated").isEmpty();
    lab.datapath().runtime().aggregation(Aggregation.NONE, 1);
    assertThat(there(ip, "A").events())
        .extracting(told -> ((TraceEvent) told).point())
        .containsExactly(
            TraceObservationPoint.FROM_ENDPOINT.number(),
            TraceObservationPoint.TO_ENDPOINT.number());
  }

  private static List<TraceState> states(PacketResult result) {
    return result.events().stream()
        .map(event -> TraceState.of(((TraceEvent) event).state()).orElseThrow())
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void dropTellsReasonPlaceAndIdentities(Ip ip) {
    var packet = PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podB, ip.podA).udp(1, 2);
    var result = lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes());
    var drop = (DropEvent) result.events().getLast();
    assertThat(drop.reason()).isEqualTo(132);
    assertThat(drop.line()).isPositive();
    assertThat(SourceFile.of(drop.file())).contains(SourceFile.FROM_POD);
    assertThat(drop.common().direction()).contains(Direction.EGRESS);
    assertThat(drop.common().packet().bytes()).isEqualTo(packet.bytes());
  }

  @ParameterizedTest
  @EnumSource
  void debugTellsTheSteps(Ip ip) {
    lab.datapath().runtime().debug(true);
    assertThat(there(ip, "S").events())
        .filteredOn(DebugEvent.class::isInstance)
        .extracting(event -> DebugPoint.of(((DebugEvent) event).point()).orElseThrow())
        .contains(DebugPoint.CT_LOOKUP, DebugPoint.DECISION, DebugPoint.CT_CREATED);
  }

  @ParameterizedTest
  @EnumSource
  void lostHalfIsMadeAnew(Ip ip) {
    there(ip, "S");
    back(ip, "SA");
    there(ip, "A");
    lab.datapath().flows().delete(reverse(ip));
    assertThat(states(back(ip, "PA"))).containsExactly(TraceState.REPLY);
    assertThat(lab.flow(reverse(ip)).has(FlowFlag.REPLY)).isTrue();
    lab.datapath().flows().delete(key(ip));
    there(ip, "A");
    assertThat(lab.flow(key(ip)).has(FlowFlag.REPLY)).isFalse();
  }
}
