// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.TCP;
import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kit.PacketBuilder;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Maps of services become larger while packets go through them. */
@Tag("kernel")
class PacketGrowthTest {
  private static final int BEFORE = ServiceRows.SIZES.of(DatapathMap.FRONTENDS);

  @RegisterExtension static final PacketLab lab = new PacketLab();

  private static PacketBuilder toService(Ip ip) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, ip.service());
  }

  private static void send(Ip ip, PacketBuilder packet, String outcome) {
    lab.expect(ip, Hook.FROM_POD, lab.lxcA, packet.bytes(), outcome);
  }

  private static void answer(Ip ip, PacketBuilder packet, String outcome) {
    lab.expect(ip, Hook.FROM_POD, lab.lxcB, packet.bytes(), outcome);
  }

  private static PacketBuilder fromB(Ip ip) {
    return PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(ip.podB, ip.podA);
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionGoesOnAndWhatDidNotFitIsServed(Ip ip) {
    lab.configure(lab.nativeRouting());
    int backend = lab.services().backend(ip.podB, 8080, TCP);
    var set = lab.services().set(1, 0, backend);
    lab.services().clusterIp(ip.service(), 80, TCP, set);
    lab.datapath().runtime().bumpEpoch();
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("S"),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp SYN ttl 63");
    int epoch = lab.datapath().runtime().epoch();
    var flows = lab.datapath().flows().entries();
    int wanted = lab.services().maps().capacity(DatapathMap.FRONTENDS) * 2;
    lab.enlarge(Map.of(DatapathMap.FRONTENDS, wanted, DatapathMap.BACKENDS, wanted * 4));
    assertThat(lab.services().maps().capacity(DatapathMap.FRONTENDS)).isEqualTo(wanted);
    assertThat(lab.datapath().flows().entries()).isEqualTo(flows);
    assertThat(lab.datapath().runtime().epoch()).isEqualTo(epoch);
    answer(
        ip,
        fromB(ip).tcp(8080, 40000).flags("SA"),
        "redirect lxcA>A service:80 -> podA:40000 tcp SYN, ACK ttl 63");
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("A").payload(3),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp ACK ttl 63");
    for (int i = 0; i < BEFORE; i++) {
      lab.services().clusterIp("10.97.%d.%d".formatted(i / 250, i % 250), 80, TCP, set);
    }
    lab.services().clusterIp(ip.service(), 81, TCP, set);
    lab.datapath().runtime().bumpEpoch();
    send(
        ip,
        toService(ip).tcp(40001, 81).flags("S"),
        "redirect lxcB>B podA:40001 -> podB:8080 tcp SYN ttl 63");
    send(
        ip,
        toService(ip).tcp(40000, 80).flags("A").payload(3),
        "redirect lxcB>B podA:40000 -> podB:8080 tcp ACK ttl 63");
    assertThat(lab.services().connections(backend)).isEqualTo(2);
  }
}
