// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.util.Comparator;
import java.util.LinkedHashMap;

/** The addresses of {@link PacketLab}, one set per family: every packet test runs with both. */
enum Ip {
  V4(
      "10.244.0.10",
      "10.244.0.11",
      "10.244.0.1",
      "172.30.0.1",
      "172.30.0.2",
      "10.244.1.5",
      "198.51.100.1",
      "172.30.0.254"),
  V6(
      "fd00:10:244::a",
      "fd00:10:244::b",
      "fd00:10:244::1",
      "fd00:172:30::1",
      "fd00:172:30::2",
      "fd00:10:244:1::5",
      "fd00:198::1",
      "fd00:172:30::fe");

  /** Pods of this node. */
  final String podA;

  final String podB;
  final String router;

  /** Underlay addresses of this node and the next. */
  final String node;

  final String otherNode;

  /** A pod there. */
  final String remotePod;

  /** Beyond the gateway. */
  final String world;

  final String gateway;

  Ip(
      String podA,
      String podB,
      String router,
      String node,
      String otherNode,
      String remotePod,
      String world,
      String gateway) {
    this.podA = podA;
    this.podB = podB;
    this.router = router;
    this.node = node;
    this.otherNode = otherNode;
    this.remotePod = remotePod;
    this.world = world;
    this.gateway = gateway;
  }

  boolean isV4() {
    return this == V4;
  }

  int hostBits() {
    return isV4() ? 32 : 128;
  }

  /** An address of services, which nobody has. */
  String service() {
    return isV4() ? "10.96.0.80" : "fd00:10:96::80";
  }

  /** Another one, that the outside uses too. */
  String balancer() {
    return isV4() ? "198.51.100.200" : "fd00:198::200";
  }

  int icmp() {
    return isV4() ? 1 : 58;
  }

  static IpAddress address(String text) {
    return IpAddress.parse(text);
  }

  /** The text with our addresses replaced by their names, so that both families read the same. */
  String names(String text) {
    var all = new LinkedHashMap<String, String>();
    all.put(podA, "podA");
    all.put(podB, "podB");
    all.put(router, "router");
    all.put(node, "node");
    all.put(otherNode, "otherNode");
    all.put(remotePod, "remotePod");
    all.put(world, "world");
    all.put(gateway, "gateway");
    all.put(service(), "service");
    all.put(balancer(), "balancer");
    var result = text;
    for (var address :
        all.keySet().stream().sorted(Comparator.comparingInt(String::length).reversed()).toList()) {
      var name = all.getOrDefault(address, address);
      result = result.replace("[" + address + "]", name).replace(address, name);
    }
    return result;
  }

  /** As it stands before a colon and a port. */
  static String host(String address) {
    return address.indexOf(':') < 0 ? address : "[" + address + "]";
  }
}
