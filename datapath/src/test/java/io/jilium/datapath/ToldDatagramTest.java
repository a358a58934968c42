// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.Flows.UDP;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.service.FrontendType;
import io.jilium.datapath.DatapathConfig.Dispatch;
import io.jilium.test.kit.PacketBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams that name a service, one after the other, at the node of the server. */
@Tag("kernel")
@ParameterizedClass
@EnumSource(Dispatch.class)
class ToldDatagramTest {
  private static final int PORT = 5353;

  @RegisterExtension static final PacketLab lab = PacketLab.withDirectReturn();

  @Parameter Dispatch dispatch = Dispatch.OPTION;

  @BeforeParameterizedClassInvocation
  static void nodesTellEachOtherBy(Dispatch dispatch) {
    lab.dispatch(dispatch);
  }

  private static void serve(Ip ip) {
    var rows = lab.services();
    int open = FrontendFlag.FROM_OUTSIDE.number();
    var set = rows.set(1, 0, rows.backend(ip.podB, PORT, UDP));
    rows.frontend(ip.balancer(), 80, UDP, FrontendType.LOAD_BALANCER, open, set, set);
    rows.frontend(ip.balancer(), 81, UDP, FrontendType.LOAD_BALANCER, open, set, set);
  }

  private PacketBuilder told(Ip ip, int ttl, int port) {
    var packet = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.podB).tos(0x28);
    return new Told(dispatch, ip.otherNode).service(packet.ttl(ttl), ip.balancer(), port);
  }

  private static FlowEntry flow(Ip ip) {
    return lab.flow(new FlowKey(Ip.address(ip.world), Ip.address(ip.podB), 1234, PORT, 0, UDP));
  }

  private static byte[] arriving(Ip ip, int size) {
    return PacketBuilder.ethernet(MAC_LXC_B, MAC_B)
        .ip(ip.world, ip.podB)
        .tos(0x28)
        .ttl(63)
        .udp(1234, PORT)
        .payload(size)
        .bytes();
  }

  @ParameterizedTest
  @EnumSource
  void eachArrivesAsTheClientSentIt(Ip ip) {
    lab.configure(Configs.lasting(lab.datapath().config()));
    serve(ip);
    int headers = ip.isV4() ? 28 : 48;
    long bytes = 0;
    for (int size = 0; size < 10; size++) {
      var sent = told(ip, 64, 80).udp(1234, PORT).payload(size);
      var result = lab.run(Hook.FROM_NETDEV, lab.eth0, sent.bytes());
      assertThat(result.text(ip)).startsWith("redirect lxcB>B world:1234 -> podB:5353 udp");
      assertThat(result.packet()).isEqualTo(arriving(ip, size));
      bytes += headers + size;
    }
    assertThat(flow(ip).packets()).isEqualTo(10);
    assertThat(flow(ip).bytes()).as("nothing of what was added counts").isEqualTo(bytes);
  }

  @ParameterizedTest
  @EnumSource
  void datagramWithoutChecksumKeepsNone(Ip ip) {
    serve(ip);
    for (int i = 0; i < 3; i++) {
      var sent = told(ip, 64, 80).udp(1234, PORT).noChecksum().payload(9);
      byte[] packet = lab.run(Hook.FROM_NETDEV, lab.eth0, sent.bytes()).packet();
      int checksum = 14 + (ip.isV4() ? 20 : 40) + 6;
      assertThat(packet[checksum] | packet[checksum + 1]).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsOddIsDecidedAsEver(Ip ip) {
    lab.configure(Configs.lasting(lab.datapath().config()));
    serve(ip);
    var known = told(ip, 64, 80).udp(1234, PORT).payload(9).bytes();
    for (int i = 0; i < 3; i++) {
      lab.expect(
          ip,
          Hook.FROM_NETDEV,
          lab.eth0,
          known,
          "redirect lxcB>B world:1234 -> podB:5353 udp ttl 63");
    }
    var expired = told(ip, 1, 80).udp(1234, PORT).payload(9).bytes();
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, expired).text(ip)).contains("TTL exceeded");
    var other = told(ip, 64, 81).udp(1234, PORT).payload(9).bytes();
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, other).packet()).isEqualTo(arriving(ip, 9));
    assertThat(flow(ip).natDestinationPort()).as("the service that was named last").isEqualTo(81);
    lab.datapath().runtime().bumpEpoch();
    lab.expect(
        ip,
        Hook.FROM_NETDEV,
        lab.eth0,
        known,
        "redirect lxcB>B world:1234 -> podB:5353 udp ttl 63");
    assertThat(flow(ip).natDestinationPort()).isEqualTo(80);
    byte[] cut = known.clone();
    int header = 14 + Told.room(dispatch, ip) - Told.room(Dispatch.OPTION, ip);
    cut[header + (ip.isV4() ? 3 : 5)] = 4;
    assertThat(lab.run(Hook.FROM_NETDEV, lab.eth0, cut).packet()).isNotEqualTo(arriving(ip, 9));
  }
}
