// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.state.HealthReport.Probe;
import io.jilium.core.model.IpAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IcmpProbeTest {
  @Test
  void theChecksumOfARequestMakesItsSumZero() {
    var request = IcmpProbe.echoRequest(true, 0x1234, 7);
    assertThat(request[0]).isEqualTo((byte) 8);
    assertThat(IcmpProbe.checksum(request)).isZero();
  }

  @Test
  void onlyTheReplyToThisRequestCounts() {
    var reply = IcmpProbe.echoRequest(false, 9, 1);
    reply[0] = (byte) 129;
    assertThat(IcmpProbe.isReply(ByteBuffer.wrap(reply), false, 9, 1)).isTrue();
    assertThat(IcmpProbe.isReply(ByteBuffer.wrap(reply), false, 9, 2)).isFalse();
    assertThat(IcmpProbe.isReply(ByteBuffer.wrap(reply), false, 8, 1)).isFalse();
    assertThat(IcmpProbe.isReply(ByteBuffer.wrap(new byte[3]), false, 9, 1)).isFalse();
    assertThat(IcmpProbe.isReply(ByteBuffer.wrap(new byte[0]), true, 9, 1)).isFalse();
  }

  @Test
  void anIpv4DatagramBringsItsHeader() {
    var datagram = ByteBuffer.allocate(20 + 8);
    datagram.put(0, (byte) 0x45).putShort(24, (short) 9).putShort(26, (short) 1);
    assertThat(IcmpProbe.isReply(datagram, true, 9, 1)).isTrue();
  }

  @Test
  void theHelloServerAnswersAProbeAndRefusesOtherPaths() {
    try (var server = HelloServer.open(0).start()) {
      assertThat(HttpProbe.run(IpAddress.parse("127.0.0.1"), server.port(), Duration.ofSeconds(2)))
          .isInstanceOf(Probe.Answered.class);
    }
  }

  @Test
  void aClosedPortIsAFailureInWords() throws Exception {
    int port;
    try (var socket = new java.net.ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    assertThat(HttpProbe.run(IpAddress.parse("127.0.0.1"), port, Duration.ofSeconds(2)))
        .isEqualTo(new Probe.Failed("Connection refused"));
  }

  @Test
  void largerClustersAreProbedLessOften() {
    assertThat(HealthSchedule.interval(1)).isLessThan(Duration.ofSeconds(60));
    assertThat(HealthSchedule.interval(3))
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(90));
    assertThat(HealthSchedule.interval(1000)).isGreaterThan(Duration.ofMinutes(6));
  }
}
