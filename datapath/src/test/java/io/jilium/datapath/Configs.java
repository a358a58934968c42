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
    return new DatapathConfig(
        c.addresses(),
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
        sizes);
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
        new DatapathConfig.Services(false, DatapathConfig.DirectReturn.NONE, ServiceRows.SIZES),
        SMALL);
  }

  /** The same, whose programs decide anew when something changed, and never for age. */
  static DatapathConfig lasting(DatapathConfig c) {
    return new DatapathConfig(
        c.addresses(),
        c.devices(),
        c.tunnel(),
        c.masquerade(),
        c.enableIpv4(),
        c.enableIpv6(),
        c.podMtu(),
        Integer.MAX_VALUE,
        c.captureBytes(),
        c.sourceCheck(),
        c.stackForwards(),
        c.services(),
        c.sizes());
  }

  /** The same with one address family only. */
  static DatapathConfig oneFamily(DatapathConfig c, boolean ipv4) {
    return new DatapathConfig(
        c.addresses(),
        c.devices(),
        c.tunnel(),
        c.masquerade(),
        ipv4,
        !ipv4,
        c.podMtu(),
        c.revalidateJiffies(),
        c.captureBytes(),
        c.sourceCheck(),
        c.stackForwards(),
        c.services(),
        c.sizes());
  }

  private static Optional<IpAddress> address(String text) {
    return Optional.of(IpAddress.parse(text));
  }
}
