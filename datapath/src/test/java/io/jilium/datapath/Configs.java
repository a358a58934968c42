// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.util.Optional;

/** Configurations for tests. */
final class Configs {
  private static final MapSizes SMALL = new MapSizes(4096, 256, 1024, 16, 256, 256, 1 << 16);

  private Configs() {}

  static DatapathConfig minimal() {
    return with(
        new DatapathConfig.Devices(2, 3, 4),
        DatapathConfig.Tunnel.VXLAN,
        DatapathConfig.Masquerade.NONE);
  }

  static DatapathConfig sized(MapSizes sizes) {
    var c = minimal();
    return copy(c, c.enableIpv4(), c.enableIpv6(), c.revalidateJiffies(), sizes);
  }

  static DatapathConfig with(
      DatapathConfig.Devices devices,
      DatapathConfig.Tunnel tunnel,
      DatapathConfig.Masquerade masquerade) {
    return new DatapathConfig(
        new DatapathConfig.Addresses(
            address("10.244.0.1"),
            address("fd00:10:244::1"),
            address("172.30.0.1"),
            address("fd00:172:30::1")),
        devices,
        tunnel,
        masquerade,
        true,
        true,
        1450,
        1000,
        128,
        true,
        false,
        new DatapathConfig.Services(
            false,
            DatapathConfig.DirectReturn.NONE,
            DatapathConfig.Dispatch.OPTION,
            ServiceRows.SIZES),
        SMALL);
  }

  /** The same, whose programs decide anew when something changed, and never for age. */
  static DatapathConfig lasting(DatapathConfig c) {
    return aging(c, Integer.MAX_VALUE);
  }

  /** The same, whose programs look up again how to forward when a decision has that age. */
  static DatapathConfig aging(DatapathConfig c, int jiffies) {
    return copy(c, c.enableIpv4(), c.enableIpv6(), jiffies, c.sizes());
  }

  /** The same with one address family only. */
  static DatapathConfig oneFamily(DatapathConfig c, boolean ipv4) {
    return copy(c, ipv4, !ipv4, c.revalidateJiffies(), c.sizes());
  }

  /** The same on a node that has no address of its own. */
  static DatapathConfig withoutNodeAddresses(DatapathConfig c) {
    var addresses =
        new DatapathConfig.Addresses(
            c.addresses().routerIpv4(),
            c.addresses().routerIpv6(),
            Optional.empty(),
            Optional.empty());
    return new DatapathConfig(
        addresses,
        c.devices(),
        c.tunnel(),
        c.masquerade(),
        c.enableIpv4(),
        c.enableIpv6(),
        c.podMtu(),
        c.revalidateJiffies(),
        c.captureBytes(),
        c.sourceCheck(),
        c.stackForwards(),
        c.services(),
        c.sizes());
  }

  private static DatapathConfig copy(
      DatapathConfig c, boolean ipv4, boolean ipv6, int revalidateJiffies, MapSizes sizes) {
    return new DatapathConfig(
        c.addresses(),
        c.devices(),
        c.tunnel(),
        c.masquerade(),
        ipv4,
        ipv6,
        c.podMtu(),
        revalidateJiffies,
        c.captureBytes(),
        c.sourceCheck(),
        c.stackForwards(),
        c.services(),
        sizes);
  }

  private static Optional<IpAddress> address(String text) {
    return Optional.of(IpAddress.parse(text));
  }
}
