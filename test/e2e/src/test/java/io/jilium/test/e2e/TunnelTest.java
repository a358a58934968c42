// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tunnel mode: VXLAN between nodes. */
@Tag("lab")
final class TunnelTest extends ConnectivityScenarios {
  @Override
  String purpose() {
    return "tunnel";
  }

  @Override
  String[] settings() {
    return new String[] {};
  }

  @Override
  int podMtu() {
    return 1450;
  }

  @Test
  void theUnderlayCarriesUdp8472WithThePacketInside() {
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
            "4",
            "udp port 8472 and host 172.30.0.2");
    lab.exec("a1", "sh", "-c", "sleep 1; ping -q -c 5 -i 0.2 " + address("a2").ipv4());
    String seen = Lab.finish(capture).output();
    assertThat(seen)
        .contains("172.30.0.2.8472")
        .contains(
            "IP " + address("a1").ipv4() + " > " + address("a2").ipv4() + ": ICMP echo request");
  }

  @Test
  void aCaptureOnTheTunnelDeviceShowsThePackets() {
    var capture =
        lab.start(
            "node/node-1",
            "timeout",
            "-s",
            "INT",
            "6",
            "tcpdump",
            "-lnni",
            "cilium_vxlan",
            "-c",
            "4",
            "icmp");
    lab.exec("a1", "sh", "-c", "sleep 1; ping -q -c 15 -i 0.2 " + address("a2").ipv4());
    String seen = Lab.finish(capture).output();
    assertThat(seen)
        .contains(
            "IP " + address("a1").ipv4() + " > " + address("a2").ipv4() + ": ICMP echo request")
        .contains(
            "IP " + address("a2").ipv4() + " > " + address("a1").ipv4() + ": ICMP echo reply");
  }

  @Test
  void everyPodCidrIsRoutedThroughTheRouterOnCiliumHost() {
    String router = Lab.find(lab.exec("a1", "ip", "route"), "^default via (\\S+)");
    String routes = lab.exec("node/node-1", "ip", "route");
    assertThat(routes).contains(router + " dev cilium_host");
    for (String pod : new String[] {"a1", "a2", "a3"}) {
      String cidr = address(pod).ipv4().replaceAll("\\.\\d+$", ".0/24");
      assertThat(routes).contains(cidr + " via " + router + " dev cilium_host");
    }
  }

  @Test
  void theTunnelListNamesEveryOtherNode() {
    String tunnels = lab.jilium("node-1", "bpf", "tunnel", "list");
    assertThat(tunnels).contains("172.30.0.2").contains("172.30.0.3").doesNotContain("172.30.0.1:");
  }
}
