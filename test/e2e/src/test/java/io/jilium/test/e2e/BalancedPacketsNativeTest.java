// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.await;
import static io.jilium.test.e2e.ServiceCalls.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Connections from outside are answered by the server's node itself, datagrams by the one asked.
 */
@Tag("lab")
final class BalancedPacketsNativeTest extends BalancedPacketsScenarios {
  private static final String OUTSIDE_IPV4 = "172.30.255.254";
  private static final String OUTSIDE_IPV6 = "fd00:172:30::fffe";

  /** Counts segments of the client's, and those to it, until it asks for the last port. */
  private static final String WATCH =
      """
      import socket, struct, sys
      clients = [socket.inet_aton(sys.argv[1]), socket.inet_pton(socket.AF_INET6, sys.argv[2])]
      last = int(sys.argv[3])
      s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
      s.bind(('eth0', 0))
      s.settimeout(60)
      asked = answered = 0
      print('ready', flush=True)
      while True:
          f = s.recv(65536)
          v4 = f[12:14] == bytes([8, 0])
          source, destination = (f[26:30], f[30:34]) if v4 else (f[22:38], f[38:54])
          l4 = 14 + (4 * (f[14] & 15) if v4 else 40)
          asked += source in clients
          answered += destination in clients and f[23 if v4 else 20] == 6
          if source in clients and f[l4 + 2:l4 + 4] == struct.pack('!H', last):
              break
      print('asked', asked > 0, 'answered', answered)
      """;

  /** Sends datagrams from one port, and prints how many answers came. */
  private static final String DATAGRAMS =
      """
      import socket, sys
      s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
      s.settimeout(3)
      s.connect((sys.argv[1], int(sys.argv[2])))
      answers = 0
      for i in range(int(sys.argv[3])):
          s.send(b'hostname')
          answers += s.recv(100) == sys.argv[4].encode()
      print(answers)
      """;

  @Override
  String routingMode() {
    return "native";
  }

  @Override
  String balancerMode() {
    return "hybrid";
  }

  /** Veth devices in the driver want something of their other end: the stack's XDP does not. */
  @Override
  String acceleration() {
    return "testing-only";
  }

  @Test
  @DisplayName("should preserve source and answer past the node that was asked")
  void answersGoStraightToTheClient() throws IOException {
    lab.apply(
        service(
            "far",
            "type: NodePort",
            "clusterIPs: [10.96.0.40, 'fd00:10:96::40']",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{port: 80, nodePort: 30040}]"));
    server("far", 2);
    awaitHttp(OUTSIDE, NODES.get(0), 30040, "far-2");
    awaitHttp(OUTSIDE, "fd00:172:30::1", 30040, "far-2");
    var watch =
        lab.start("node/node-1", "python3", "-c", WATCH, OUTSIDE_IPV4, OUTSIDE_IPV6, "30041");
    try (BufferedReader output = watch.inputReader()) {
      assertThat(output.readLine()).isEqualTo("ready");
      assertThat(calls.http(OUTSIDE, NODES.get(0), 30040, 10))
          .as("the server sees the client itself")
          .containsOnly("far-2 " + OUTSIDE_IPV4);
      assertThat(calls.http(OUTSIDE, "fd00:172:30::1", 30040, 10))
          .containsOnly("far-2 " + InetAddress.ofLiteral(OUTSIDE_IPV6).getHostAddress());
      calls.http(OUTSIDE, NODES.get(0), 30041, 1);
      assertThat(output.readLine()).isEqualTo("asked True answered 0");
    } finally {
      watch.destroyForcibly();
    }
    remove("far-2");
  }

  @Test
  @DisplayName("should send datagrams on to another node before the stack sees them")
  void datagramsGoOnBeforeTheStackSeesThem() {
    lab.apply(
        service(
            "early",
            "type: NodePort",
            "clusterIPs: [10.96.0.41, 'fd00:10:96::41']",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{port: 80, protocol: UDP, nodePort: 30043}]"));
    server("early", 2);
    lab.exec(OUTSIDE, "ethtool", "-K", "eth0", "tx", "off"); // else no checksum is taken on the way
    assertThat(lab.jilium("node-1", "status")).contains("XDP Acceleration:        Generic");
    for (var address : List.of(NODES.get(0), "fd00:172:30::1")) {
      await(() -> calls.datagrams(OUTSIDE, address, 30043, 3), "early-2");
      long before = sentOnEarly();
      assertThat(
              lab.exec(OUTSIDE, "python3", "-c", DATAGRAMS, address, "30043", "40", "early-2")
                  .strip())
          .isEqualTo("40");
      assertThat(sentOnEarly() - before)
          .as("all but the first, and what is told now and then")
          .isGreaterThan(30);
    }
    lab.exec(OUTSIDE, "ethtool", "-K", "eth0", "tx", "on");
    remove("early-2");
  }

  private long sentOnEarly() {
    return lab.jilium("node-1", "metrics", "list")
        .lines()
        .filter(line -> line.startsWith("jilium_forward_xdp_count"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
