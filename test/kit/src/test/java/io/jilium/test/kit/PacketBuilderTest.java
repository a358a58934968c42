// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketBuilderTest {
  private static final String A = "02:00:00:00:00:0a";
  private static final String B = "02:00:00:00:00:0b";

  @Test
  void buildsThePacketThatTheKernelWouldSend() {
    byte[] packet =
        PacketBuilder.ethernet(A, B)
            .ipv4("10.0.0.1", "10.0.0.2")
            .echo(0x1234, 1)
            .payload(4)
            .bytes();
    assertThat(HexFormat.of().formatHex(packet))
        .isEqualTo(
            "02000000000b02000000000a0800"
                + "4500002000000000400166db0a0000010a000002"
                + "0800e3c61234000100010203");
  }

  @Test
  void checksumsHoldForEveryKindOfPacket() {
    for (String[] pair :
        List.of(new String[] {"10.0.0.1", "10.0.0.2"}, new String[] {"fd00::1", "fd00::2"})) {
      var ip = pair[0];
      var to = pair[1];
      assertThat(
              List.of(
                  PacketBuilder.ethernet(A, B).ip(ip, to).tcp(1, 2).flags("SA").payload(3).bytes(),
                  PacketBuilder.ethernet(A, B).ip(ip, to).udp(1, 2).payload(5).bytes(),
                  PacketBuilder.ethernet(A, B).ip(ip, to).sctp(1, 2).payload(20).bytes(),
                  PacketBuilder.ethernet(A, B).ip(ip, to).echo(7, 1).payload(9).bytes(),
                  PacketBuilder.ethernet(A, B)
                      .ipv4("172.30.0.1", "172.30.0.2")
                      .udp(5, 8472)
                      .vxlan(300)
                      .innerEthernet(A, B)
                      .ip(ip, to)
                      .tcp(1, 2)
                      .bytes()))
          .allSatisfy(packet -> assertThat(Checksums.faults(packet)).isEmpty());
    }
  }

  @Test
  void aFlippedBitIsAFault() {
    byte[] packet = PacketBuilder.ethernet(A, B).ip("fd00::1", "fd00::2").udp(1, 2).bytes();
    packet[packet.length - 8] ^= 1;
    assertThat(Checksums.faults(packet)).containsExactly("UDP checksum");
  }

  @Test
  void fragmentsCarryTheWholeDatagram() {
    var fragments =
        PacketBuilder.ethernet(A, B)
            .ip("fd00::1", "fd00::2")
            .udp(1, 2)
            .payload(100)
            .fragments(48, 77);
    assertThat(fragments).extracting(fragment -> fragment.length).containsExactly(110, 110, 74);
  }
}
