// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.settings.Settings;
import java.util.List;
import java.util.Map;

/** Nodes of the lab's address plan. */
public final class Samples {
  private Samples() {}

  public static Node node(int number) {
    return new Node(
        "node-" + number,
        "lab",
        0,
        List.of(
            new NodeAddress(NodeAddress.Type.INTERNAL_IP, ip("172.30.0." + number)),
            new NodeAddress(NodeAddress.Type.INTERNAL_IP, ip("fd00:172:30::" + number)),
            new NodeAddress(NodeAddress.Type.CILIUM_INTERNAL_IP, ip("10.244." + number + ".1")),
            new NodeAddress(
                NodeAddress.Type.CILIUM_INTERNAL_IP, ip("fd00:10:244:" + number + "::1"))),
        List.of(prefix("10.244." + number + ".0/24"), prefix("fd00:10:244:" + number + "::/64")),
        List.of(ip("10.244." + number + ".2"), ip("fd00:10:244:" + number + "::2")),
        Map.of(),
        "");
  }

  static Underlay underlay() {
    return new Underlay(
        "eth0",
        2,
        1500,
        MacAddress.parse("02:00:00:00:00:01"),
        List.of(ip("172.30.0.1"), ip("fd00:172:30::1")),
        List.of(prefix("172.30.0.0/16"), prefix("fd00:172:30::/64")));
  }

  public static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  public static IpPrefix prefix(String text) {
    return IpPrefix.parse(text);
  }

  public static Settings settings(String... sets) {
    return Settings.of(Map.of(), List.of(sets));
  }
}
