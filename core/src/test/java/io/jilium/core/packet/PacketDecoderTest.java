// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketDecoderTest {
  private static final OptionalInt VXLAN = OptionalInt.of(8472);
  private static final String SYN =
      "c26aabe096e13acb79c4ecd10800"
          + "4500003cc54640003f065e2a0af401160af4014e"
          + "a8761f90443529cf00000000a002faf0187a0000"
          + "020405b40402080a000000000000000001030307";
  private static final String ECHO_V6 =
      "02000000000b02000000000a86dd"
          + "6000000000083a40fd000000000000000000000000000001fd000000000000000000000000000002"
          + "8000047112340001";
  private static final String TUNNEL =
      "02000000000202000000000108004500006e00000000401100000a0000010a000002"
          + "c0002118001e00000800000000000700";

  @Test
  void printsLayersAsCiliumDoes() {
    var packet = PacketDecoder.ethernet(HexFormat.of().parseHex(SYN), VXLAN);
    assertThat(packet.layers().stream().map(LayerText::line))
        .containsExactly(
            "Ethernet\t{Contents=[..14..] Payload=[..60..] SrcMAC=3a:cb:79:c4:ec:d1"
                + " DstMAC=c2:6a:ab:e0:96:e1 EthernetType=IPv4 Length=0}",
            "IPv4\t{Contents=[..20..] Payload=[..40..] Version=4 IHL=5 TOS=0 Length=60 Id=50502"
                + " Flags=DF FragOffset=0 TTL=63 Protocol=TCP Checksum=24106 SrcIP=10.244.1.22"
                + " DstIP=10.244.1.78 Options=[] Padding=[]}",
            "TCP\t{Contents=[..40..] Payload=[] SrcPort=43126 DstPort=8080 Seq=1144334799 Ack=0"
                + " DataOffset=10 FIN=false SYN=true RST=false PSH=false ACK=false URG=false"
                + " ECE=false CWR=false NS=false Window=64240 Checksum=6266 Urgent=0"
                + " Options=[..20..] Padding=[]}");
    assertThat(PacketSummary.of(packet)).isEqualTo("10.244.1.22:43126 -> 10.244.1.78:8080 tcp SYN");
  }

  @Test
  void readsEchoOfIpv6() {
    var packet = PacketDecoder.ethernet(HexFormat.of().parseHex(ECHO_V6), VXLAN);
    assertThat(packet.last(Layer.Icmpv6.class).orElseThrow().id()).isEqualTo(0x1234);
    assertThat(PacketSummary.of(packet)).isEqualTo("fd00::1 -> fd00::2 EchoRequest");
    byte[] withoutEthernet = HexFormat.of().parseHex(ECHO_V6.substring(28));
    assertThat(PacketDecoder.ip(withoutEthernet, VXLAN).layers()).hasSize(2);
  }

  @Test
  void looksIntoTheTunnel() {
    byte[] outer = HexFormat.of().parseHex(TUNNEL + SYN);
    var packet = PacketDecoder.ethernet(outer, VXLAN);
    assertThat(packet.first(Layer.Vxlan.class).orElseThrow().vni()).isEqualTo(7);
    assertThat(PacketSummary.of(packet)).isEqualTo("10.244.1.22:43126 -> 10.244.1.78:8080 tcp SYN");
    assertThat(PacketDecoder.ethernet(outer, OptionalInt.empty()).layers()).hasSize(3);
  }

  @Test
  void everyTruncationEndsWithTheLayersBeforeIt() {
    byte[] whole = HexFormat.of().parseHex(SYN);
    for (int length = 0; length < whole.length; length++) {
      var packet = PacketDecoder.ethernet(Arrays.copyOf(whole, length), VXLAN);
      assertThat(packet.truncated()).as("%s bytes", length).isTrue();
      assertThat(packet.layers()).hasSizeLessThan(3);
      assertThat(PacketSummary.of(packet)).isNotEmpty();
    }
  }

  @Test
  void arbitraryBytesAreNeverAnError() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    byte[][] starts = {
      HexFormat.of().parseHex(SYN),
      HexFormat.of().parseHex(ECHO_V6),
      HexFormat.of().parseHex(TUNNEL + SYN)
    };
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = starts[i % starts.length].clone();
      for (int flips = random.nextInt(8); flips >= 0; flips--) {
        bytes[12 + random.nextInt(bytes.length - 12)] = (byte) random.nextInt(256);
      }
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      try {
        var packet = PacketDecoder.ethernet(bytes, VXLAN);
        packet.layers().forEach(LayerText::line);
        PacketSummary.of(packet);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
      }
    }
  }
}
