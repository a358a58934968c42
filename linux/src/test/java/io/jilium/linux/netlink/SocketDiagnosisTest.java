// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.sys.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SocketDiagnosisTest extends NamespaceTest {
  private static final ValueLayout.OfShort BIG_ENDIAN_SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  @Test
  void seesWhoCapturesOnDevice() {
    int device = device("d0");
    try (var diagnosis = SocketDiagnosis.open(netns);
        var arena = Arena.ofConfined()) {
      assertThat(diagnosis.packetSockets()).isEmpty();
      var silent = netns.run(() -> Sockets.socket(Sockets.AF_PACKET, Sockets.SOCK_RAW, 0));
      try (silent) {
        assertThat(diagnosis.packetSockets()).noneMatch(s -> s.sees(device));
        var address = arena.allocate(20, 4); // struct sockaddr_ll of linux/if_packet.h
        address.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_PACKET);
        address.set(BIG_ENDIAN_SHORT, 2, (short) 3);
        address.set(ValueLayout.JAVA_INT, 4, device);
        Sockets.bind(silent, address);
        assertThat(diagnosis.packetSockets())
            .singleElement()
            .satisfies(s -> {
              assertThat(s.device()).isEqualTo(device);
              assertThat(s.protocol()).isEqualTo(3);
              assertThat(s.sees(device)).isTrue();
              assertThat(s.sees(device + 1)).isFalse();
            });
      }
      assertThat(diagnosis.packetSockets()).isEmpty();
    }
  }
}
