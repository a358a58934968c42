// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.util.List;
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

  private DatagramChannel connected(StandardProtocolFamily family, String address) {
    return netns.run(() -> {
      var channel = DatagramChannel.open(family);
      return channel.connect(new InetSocketAddress(InetAddress.getByName(address), 4711));
    });
  }

  @Test
  void abortsConnectedUdpSocketsOfBothFamiliesAndNoOther() throws IOException {
    try (var diagnosis = SocketDiagnosis.open(netns);
        var v4 = connected(StandardProtocolFamily.INET, "127.0.0.1");
        var v6 = connected(StandardProtocolFamily.INET6, "::1");
        var mapped = connected(StandardProtocolFamily.INET6, "127.0.0.2");
        var spared = connected(StandardProtocolFamily.INET, "127.0.0.3")) {
      var all = diagnosis.connectedUdp();
      assertThat(all).hasSize(4).allMatch(s -> s.remotePort() == 4711);
      assertThat(all.stream().map(UdpSocket::cookie).distinct()).hasSize(4);
      for (var socket : all) {
        boolean spare = socket.remote().getHostAddress().equals("127.0.0.3");
        assertThat(spare || diagnosis.abort(socket)).as("%s", socket).isTrue();
      }
      for (var aborted : List.of(v4, v6, mapped)) {
        assertThatThrownBy(() -> aborted.read(ByteBuffer.allocate(1)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("abort");
      }
      assertThat(diagnosis.connectedUdp())
          .singleElement()
          .satisfies(s ->
              assertThat(
                      diagnosis.abort(
                          new UdpSocket(
                              s.local(),
                              s.localPort(),
                              s.remote(),
                              s.remotePort(),
                              0,
                              s.cookie() + 1)))
                  .isFalse());
      spared.write(ByteBuffer.allocate(1));
    }
  }

  @Test
  void tellsWhetherThisKernelAborts() {
    assertThat(netns.run(SocketDiagnosis::whyNoAborts)).isEmpty();
  }
}
