// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.TraceState;
import io.jilium.core.packet.Layer;
import io.jilium.test.kit.PacketBuilder;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ICMP errors: those that the node makes, and those that pass. */
@Tag("kernel")
class IcmpErrorTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static PacketBuilder fromA(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, to);
  }

  private static String timeExceeded(Ip ip) {
    return ip.isV4() ? "TimeExceeded(TTLExceeded)" : "TimeExceeded(HopLimitExceeded)";
  }

  @ParameterizedTest
  @EnumSource
  void expiredPacketIsAnsweredByTheRouter(Ip ip) {
    for (int ttl = 0; ttl <= 1; ttl++) {
      for (int size : new int[] {0, 40, 1200}) {
        var packet = fromA(ip, ip.podB).ttl(ttl).udp(33434, 33434).payload(size).bytes();
        var result =
            lab.expect(
                ip,
                Hook.FROM_POD,
                lab.lxcA,
                packet,
                "redirect: TTL exceeded lxcA>A router -> podA " + timeExceeded(ip) + " ttl 64");
        int quote = 14 + (ip.isV4() ? 20 : 40) + 8;
        byte[] quoted = Arrays.copyOfRange(result.packet(), quote, result.packet().length);
        assertThat(quoted).isEqualTo(Arrays.copyOfRange(packet, 14, 14 + quoted.length));
        assertThat(quoted.length).isEqualTo(Math.min(128, packet.length - 14));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void expiredPacketToTheWorldIsAnsweredUntranslated(Ip ip) {
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcA,
        fromA(ip, ip.world).ttl(1).udp(33434, 33434).payload(20).bytes(),
        "redirect: TTL exceeded lxcA>A router -> podA " + timeExceeded(ip) + " ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void errorIsNotAnsweredByAnError(Ip ip) {
    byte[] quote =
        Arrays.copyOfRange(fromA(ip, ip.podB).udp(1, 2).bytes(), 14, ip.isV4() ? 42 : 62);
    var error =
        PacketBuilder.ethernet(MAC_A, MAC_LXC_A)
            .ip(ip.podA, ip.podB)
            .ttl(1)
            .icmp(ip.isV4() ? 3 : 1, 3, 0)
            .payload(quote);
    assertThat(lab.run(Hook.FROM_POD, lab.lxcA, error.bytes()).text(ip))
        .isEqualTo("shot: TTL exceeded");
  }

  @ParameterizedTest
  @EnumSource
  void packetThatDoesNotFitIsToldToItsSender(Ip ip) {
    var packet = fromA(ip, ip.remotePod).tcp(40000, 80).flags("A").payload(1420);
    if (ip.isV4()) {
      packet.dontFragment();
    }
    var result = lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes());
    assertThat(result.text(ip))
        .isEqualTo(
            "redirect: Fragmentation needed lxcA>A router -> podA "
                + (ip.isV4() ? "DestinationUnreachable(FragmentationNeeded)" : "PacketTooBig")
                + " ttl 64");
    assertThat(result.faults()).isEmpty();
    int mtu =
        ip.isV4()
            ? result.decoded().last(Layer.Icmpv4.class).orElseThrow().sequence()
            : result.decoded().last(Layer.Icmpv6.class).orElseThrow().sequence();
    assertThat(mtu).isEqualTo(PacketLab.MTU);
  }

  @ParameterizedTest
  @EnumSource
  void packetThatJustFitsPasses(Ip ip) {
    int header = (ip.isV4() ? 20 : 40) + 20;
    var packet = fromA(ip, ip.remotePod).tcp(40000, 80).flags("A").payload(PacketLab.MTU - header);
    assertThat(lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes()).drops()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void largePacketThatMayBeCutIsLeftToTheStack(Ip ip) {
    if (!ip.isV4()) {
      return;
    }
    lab.expect(
        ip,
        Hook.FROM_POD,
        lab.lxcA,
        fromA(ip, ip.remotePod).udp(5000, 53).payload(1430).bytes(),
        "ok A>lxcA podA:5000 -> remotePod:53 udp ttl 64");
  }

  @ParameterizedTest
  @EnumSource
  void errorAboutAFlowIsRelated(Ip ip) {
    var sent = lab.run(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.podB).udp(5000, 53).bytes());
    byte[] quote = Arrays.copyOfRange(sent.packet(), 14, sent.packet().length);
    var error =
        PacketBuilder.ethernet(MAC_B, MAC_LXC_B)
            .ip(ip.podB, ip.podA)
            .icmp(ip.isV4() ? 3 : 1, ip.isV4() ? 3 : 4, 0)
            .payload(quote);
    int flows = lab.datapath().flows().entries().size();
    var result = lab.run(Hook.FROM_POD, lab.lxcB, error.bytes());
    assertThat(result.text(ip)).startsWith("redirect lxcA>A podB -> podA DestinationUnreachable");
    assertThat(result.faults()).isEmpty();
    assertThat(result.events())
        .filteredOn(TraceEvent.class::isInstance)
        .extracting(event -> ((TraceEvent) event).state())
        .containsExactly(TraceState.RELATED.number());
    assertThat(lab.datapath().flows().entries()).as("errors make no flows").hasSize(flows);
  }

  @ParameterizedTest
  @EnumSource
  void errorFromARouterOnTheWayReachesThePod(Ip ip) {
    lab.configure(lab.nativeRouting());
    var sent = lab.run(Hook.FROM_POD, lab.lxcA, fromA(ip, ip.remotePod).udp(5000, 53).bytes());
    byte[] quote = Arrays.copyOfRange(sent.packet(), 14, sent.packet().length);
    var error =
        PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
            .ip(ip.otherNode, ip.podA)
            .icmp(ip.isV4() ? 11 : 3, 0, 0)
            .payload(quote);
    lab.expect(
        ip,
        Hook.FROM_NETDEV,
        lab.eth0,
        error.bytes(),
        "redirect lxcA>A otherNode -> podA " + timeExceeded(ip) + " ttl 63");
  }

  @ParameterizedTest
  @EnumSource
  void errorAboutNothingIsDecidedAsAPacketOfItsOwn(Ip ip) {
    byte[] quote =
        Arrays.copyOfRange(
            PacketBuilder.ethernet(MAC_A, MAC_B).ip(ip.podA, ip.podB).udp(7, 8).bytes(),
            14,
            ip.isV4() ? 42 : 62);
    var error =
        PacketBuilder.ethernet(MAC_B, MAC_LXC_B)
            .ip(ip.podB, ip.podA)
            .icmp(ip.isV4() ? 3 : 1, 3, 0)
            .payload(quote);
    var result = lab.run(Hook.FROM_POD, lab.lxcB, error.bytes());
    assertThat(result.text(ip)).startsWith("redirect lxcA>A podB -> podA");
    assertThat(lab.datapath().flows().entries()).isEmpty();
  }
}
