// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.packet.Layer;
import io.jilium.test.kit.PacketBuilder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** ARP and neighbour discovery of pods. */
@Tag("kernel")
class NeighbourTest {
  private static final String ALL = "ff:ff:ff:ff:ff:ff";
  private static final Ip V6 = Ip.V6;

  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static PacketResult ask(String sender, String target) {
    return lab.run(
        Hook.FROM_POD,
        lab.lxcA,
        PacketBuilder.ethernet(MAC_A, ALL).arpRequest(MAC_A, sender, target).bytes());
  }

  @Test
  void everyQuestionIsAnsweredWithTheDeviceOfThePod() {
    for (var target : List.of(Ip.V4.router, Ip.V4.podB, "10.99.1.2")) {
      var result = ask(Ip.V4.podA, target);
      assertThat(result.text(Ip.V4))
          .startsWith("redirect lxcA>A arp ")
          .endsWith(" is-at " + MAC_LXC_A);
      var arp = result.decoded().last(Layer.Arp.class).orElseThrow();
      assertThat(arp.operation()).isEqualTo(2);
      assertThat(arp.sender()).isEqualTo(Ip.address(target));
      assertThat(arp.target()).isEqualTo(Ip.address(Ip.V4.podA));
      assertThat(arp.targetMac()).hasToString(MAC_A);
    }
  }

  @Test
  void questionForTheOwnAddressIsNotAnswered() {
    assertThat(ask(Ip.V4.podA, Ip.V4.podA).text(Ip.V4))
        .isEqualTo("shot: Unknown L3 target address");
  }

  @Test
  void questionInAnothersNameIsDropped() {
    assertThat(ask(Ip.V4.podB, Ip.V4.router).text(Ip.V4)).isEqualTo("shot: Invalid source ip");
  }

  @Test
  void truncatedQuestionIsDropped() {
    byte[] arp =
        PacketBuilder.ethernet(MAC_A, ALL).arpRequest(MAC_A, Ip.V4.podA, Ip.V4.router).bytes();
    var result = lab.run(Hook.FROM_POD, lab.lxcA, Arrays.copyOf(arp, 30));
    assertThat(result.text(Ip.V4)).isEqualTo("shot: Invalid packet");
  }

  private static PacketResult solicit(String source, String target) {
    return lab.run(
        Hook.FROM_POD,
        lab.lxcA,
        PacketBuilder.ethernet(MAC_A, "33:33:ff:00:00:01")
            .ipv6(source, "ff02::1:ff00:1")
            .neighbourSolicitation(target, MAC_A)
            .bytes());
  }

  @Test
  void everySolicitationIsAnsweredWithTheDeviceOfThePod() {
    for (var target : List.of(V6.router, V6.podB, "fd00:99::1")) {
      var result = solicit(V6.podA, target);
      assertThat(V6.names(result.text(V6)))
          .isEqualTo(
              V6.names("redirect lxcA>A " + target + " -> podA NeighborAdvertisement ttl 255"));
      assertThat(result.faults()).isEmpty();
      byte[] packet = result.packet();
      byte[] advertised = Arrays.copyOfRange(packet, packet.length - 6, packet.length);
      assertThat(MacAddress.ofBytes(advertised)).hasToString(MAC_LXC_A);
      byte[] subject = Arrays.copyOfRange(packet, 14 + 40 + 8, 14 + 40 + 24);
      assertThat(IpAddress.ofBytes(subject)).isEqualTo(Ip.address(target));
      boolean router = (packet[14 + 40 + 4] & 0x80) != 0;
      assertThat(router).as("router flag of " + target).isEqualTo(target.equals(V6.router));
    }
  }

  @Test
  void checkForDuplicatesIsNotAnswered() {
    assertThat(solicit("::", V6.podA).text(V6)).isEqualTo("shot: Unknown L3 target address");
    assertThat(solicit(V6.podA, V6.podA).text(V6)).isEqualTo("shot: Unknown L3 target address");
  }

  @Test
  void podDoesNotSpeakAsARouter() {
    for (int type : new int[] {134, 137, 130, 136}) {
      var packet = PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ipv6(V6.podA, V6.podB).icmp(type, 0, 0);
      assertThat(lab.run(Hook.FROM_POD, lab.lxcA, packet.payload(32).bytes()).text(V6))
          .as("type %s", type)
          .isEqualTo("shot: Forbidden ICMPv6 message");
    }
  }
}
