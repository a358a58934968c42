// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.packet.Layer;
import io.jilium.test.kit.PacketBuilder;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams in fragments, in any order, from every side. */
@Tag("kernel")
class FragmentTest {
  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static List<byte[]> datagram(PacketBuilder start) {
    return start.udp(5000, 53).payload(3000).fragments(1200, 4242);
  }

  private static List<byte[]> fromA(Ip ip, String to) {
    return datagram(PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, to));
  }

  private static PacketResult send(byte[] fragment) {
    return lab.run(Hook.FROM_POD, lab.lxcA, fragment);
  }

  @ParameterizedTest
  @EnumSource
  void fragmentsOfOneDatagramAreOneFlow(Ip ip) {
    var fragments = fromA(ip, ip.podB);
    assertThat(send(fragments.get(0)).text(ip))
        .isEqualTo("redirect lxcB>B podA:5000 -> podB:53 udp ttl 63");
    for (int i = 1; i < fragments.size(); i++) {
      assertThat(send(fragments.get(i)).text(ip)).isEqualTo("redirect lxcB>B podA -> podB ttl 63");
    }
    assertThat(lab.datapath().flows().entries()).hasSize(2);
    var flow = lab.flow(Flows.udp(Flows.key(ip.podA, 5000, ip.podB, 53, lab.lxcA)));
    assertThat(flow.packets()).isEqualTo(fragments.size());
    assertThat(lab.datapath().fragments().entries().values())
        .containsExactly(new FragmentEntry(5000, 53));
  }

  @ParameterizedTest
  @EnumSource
  void fragmentBeforeTheFirstPassesWherePortsDoNotMatter(Ip ip) {
    var fragments = fromA(ip, ip.podB);
    assertThat(send(fragments.get(1)).text(ip)).isEqualTo("redirect lxcB>B podA -> podB ttl 63");
    assertThat(lab.datapath().flows().entries()).as("no flow without ports").isEmpty();
    assertThat(send(fragments.get(0)).drops()).isEmpty();
    assertThat(send(fragments.get(2)).drops()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void fragmentBeforeTheFirstIsDroppedWherePortsMatter(Ip ip) {
    var fragments = fromA(ip, ip.world);
    assertThat(send(fragments.get(1)).text(ip))
        .isEqualTo("shot: First logical datagram fragment not found");
  }

  @ParameterizedTest
  @EnumSource
  void translatedFragmentsGetTheSameAddress(Ip ip) {
    var fragments = fromA(ip, ip.world);
    var first = send(fragments.get(0));
    int port = first.decoded().last(Layer.Udp.class).orElseThrow().sourcePort();
    assertThat(first.text(ip))
        .isEqualTo("redirect eth0>gateway node:%d -> world:53 udp ttl 63".formatted(port));
    for (int i = 1; i < fragments.size(); i++) {
      var result = send(fragments.get(i));
      assertThat(result.text(ip)).isEqualTo("redirect eth0>gateway node -> world ttl 63");
      assertThat(result.faults()).isEmpty();
    }
    var back =
        PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0)
            .ip(ip.world, ip.node)
            .udp(53, port)
            .payload(3000)
            .fragments(1200, 77);
    for (int i = 0; i < back.size(); i++) {
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, back.get(i));
      assertThat(result.text(ip))
          .as("fragment %s", i)
          .isEqualTo(
              i == 0
                  ? "redirect lxcA>A world:53 -> podA:5000 udp ttl 63"
                  : "redirect lxcA>A world -> podA ttl 63");
      assertThat(result.faults()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void wholeDatagramSumsUpAfterTranslation(Ip ip) {
    var fragments = fromA(ip, ip.world);
    var payload = new ByteArrayOutputStream();
    byte @Nullable [] header = null;
    for (var fragment : fragments) {
      var result = send(fragment);
      int start = 14 + (ip.isV4() ? 20 : 48);
      header = header == null ? Arrays.copyOf(result.packet(), 14 + (ip.isV4() ? 20 : 40)) : header;
      payload.write(result.packet(), start, result.packet().length - start);
    }
    assertThat(Reassembly.faults(ip, Objects.requireNonNull(header), payload.toByteArray()))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void tunnelledFragmentsAreLeftToTheDeviceOrDelivered(Ip ip) {
    var fragments =
        datagram(
            PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
                .ipv4(Ip.V4.otherNode, Ip.V4.node)
                .udp(51000, 8472)
                .noChecksum()
                .vxlan(PacketLab.IDENTITY_REMOTE)
                .innerEthernet("02:00:00:00:00:05", "02:00:00:00:00:06")
                .ip(ip.remotePod, ip.podA));
    for (var fragment : fragments) {
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, fragment);
      assertThat(result.drops()).isEmpty();
      assertThat(result.action()).isZero();
      assertThat(result.packet()).isEqualTo(fragment);
    }
  }

  @ParameterizedTest
  @EnumSource
  void fragmentsForAPodFromTheUnderlay(Ip ip) {
    lab.configure(lab.nativeRouting());
    var fragments = datagram(PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.remotePod, ip.podA));
    for (int i = 0; i < fragments.size(); i++) {
      assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, fragments.get(i)).text(ip))
          .isEqualTo(
              i == 0
                  ? "redirect lxcA>A remotePod:5000 -> podA:53 udp ttl 63"
                  : "redirect lxcA>A remotePod -> podA ttl 63");
    }
  }
}
