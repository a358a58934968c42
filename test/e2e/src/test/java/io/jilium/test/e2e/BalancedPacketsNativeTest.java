// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.await;
import static io.jilium.test.e2e.ServiceCalls.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Connections from outside are answered by the server's node itself, datagrams by the one asked.
 */
@Tag("lab")
final class BalancedPacketsNativeTest extends BalancedPacketsScenarios {
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
    assertThat(lab.jilium("node-1", "status")).contains("Load Balancer Mode:      Hybrid [opt]");
    assertThat(new StraightAnswers(lab, calls).connections(30040, "far-2"))
        .isEqualTo("asked True answered 0 wrapped False");
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
