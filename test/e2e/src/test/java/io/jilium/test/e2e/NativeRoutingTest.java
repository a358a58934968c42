// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Native routing with direct node routes: no encapsulation. */
@Tag("lab")
final class NativeRoutingTest extends ConnectivityScenarios {
  @Override
  String purpose() {
    return "native";
  }

  @Override
  String[] settings() {
    return new String[] {"routingMode=native"};
  }

  @Override
  int podMtu() {
    return 1500;
  }

  @Test
  void theUnderlayCarriesThePacketsPlain() {
    var capture =
        lab.start(
            "node/node-1",
            "timeout",
            "-s",
            "INT",
            "4",
            "tcpdump",
            "-lnni",
            "eth0",
            "-c",
            "10",
            "icmp or udp port 8472");
    lab.exec("a1", "sh", "-c", "sleep 1; ping -q -c 5 -i 0.2 " + address("a2").ipv4());
    String seen = Lab.finish(capture).output();
    assertThat(seen)
        .contains(
            "IP " + address("a1").ipv4() + " > " + address("a2").ipv4() + ": ICMP echo request")
        .doesNotContain("8472:");
  }

  @Test
  void remotePodCidrsAreRoutedToTheirNodes() {
    String router = Lab.find(lab.exec("a1", "ip", "route"), "^default via (\\S+)");
    String routes = lab.exec("node/node-1", "ip", "route");
    assertThat(routes)
        .contains(cidr("a2") + " via 172.30.0.2 dev eth0")
        .contains(cidr("a3") + " via 172.30.0.3 dev eth0")
        .contains(cidr("a1") + " via " + router + " dev cilium_host");
  }

  private String cidr(String pod) {
    return address(pod).ipv4().replaceAll("\\.\\d+$", ".0/24");
  }
}
