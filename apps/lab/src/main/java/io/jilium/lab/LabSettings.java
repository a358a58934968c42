// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.ArrayList;
import java.util.List;

/** The settings that fit the lab's address plan; what the user sets comes last and wins. */
final class LabSettings {
  private static final List<String> ALWAYS =
      List.of(
          "ipv4.enabled=true",
          "ipv6.enabled=true",
          "ipam.mode=cluster-pool",
          "ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16",
          "ipam.operator.clusterPoolIPv4MaskSize=24",
          "ipam.operator.clusterPoolIPv6PodCIDRList=fd00:10:244::/48",
          "ipam.operator.clusterPoolIPv6MaskSize=64",
          "bpf.masquerade=true",
          "bpf.ctTcpMax=65536",
          "devices=eth0");
  private static final List<String> NATIVE =
      List.of(
          "autoDirectNodeRoutes=true",
          "ipv4NativeRoutingCIDR=10.244.0.0/16",
          "ipv6NativeRoutingCIDR=fd00:10:244::/48");

  private LabSettings() {}

  static List<String> all(List<String> chosen) {
    var settings = new ArrayList<>(ALWAYS);
    if (chosen.contains("routingMode=native")) {
      settings.addAll(NATIVE);
    }
    settings.addAll(chosen);
    return settings;
  }
}
