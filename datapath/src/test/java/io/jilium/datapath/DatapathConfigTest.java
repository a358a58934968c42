// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpPrefix;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatapathConfigTest {
  @Test
  void settingsLieInMemoryAsTheProgramsReadThem() {
    var config =
        Configs.with(
            new DatapathConfig.Devices(258, 3, 4),
            DatapathConfig.Tunnel.VXLAN,
            new DatapathConfig.Masquerade(
                true,
                false,
                Optional.of(IpPrefix.parse("10.244.0.0/16")),
                Optional.empty(),
                1024,
                65535));
    var variables = config.variables();
    assertThat(variables.get("cfg_router_ipv4")).containsExactly(10, 0xf4, 0, 1);
    assertThat(variables.get("cfg_host_ifindex")).containsExactly(2, 1, 0, 0);
    assertThat(variables.get("cfg_tunnel_port")).as("network order").containsExactly(0x21, 0x18);
    assertThat(variables.get("cfg_nat_port_max")).containsExactly(0xff, 0xff);
    assertThat(variables.get("cfg_native_mask_ipv4")).containsExactly(0xff, 0xff, 0, 0);
    assertThat(variables.get("cfg_native_mask_ipv6")).hasSize(16).containsOnly(0);
    assertThat(variables.get("cfg_masquerade_ipv6")).containsExactly(0);
  }

  @Test
  void whatCannotWorkIsRefused() {
    assertThatThrownBy(() ->
            new DatapathConfig.Masquerade(
                true, true, Optional.empty(), Optional.empty(), 60000, 50000))
        .hasMessageContaining("60000 to 50000");
    assertThatThrownBy(() -> new DatapathConfig.Tunnel(true, 0)).hasMessageContaining("port 0");
    assertThatThrownBy(() -> new MapSizes(1, 1, 1, 1, 1, 1, 5000))
        .hasMessageContaining("5000 bytes is not a power of two");
    assertThatThrownBy(() -> new MapSizes(0, 1, 1, 1, 1, 1, 4096))
        .hasMessageContaining("0 entries");
  }

  @Test
  void flowTableFollowsTheMemoryWithinLimits() {
    assertThat(MapSizes.flows(24L << 30, 0.0025)).isBetween(280_000, 300_000);
    assertThat(MapSizes.flows(512L << 20, 0.0025)).isEqualTo(1 << 17);
    assertThat(MapSizes.flows(1L << 50, 1)).isEqualTo(1 << 24);
    assertThat(MapSizes.machineMemory()).isPresent();
  }

  @Test
  void ticksAndDurationsAgree() {
    assertThat(Jiffies.ticks(Duration.ofSeconds(5), 250)).isEqualTo(1250);
    assertThat(Jiffies.ticks(Duration.ofMillis(1), 250)).as("never none").isEqualTo(1);
    assertThat(new Jiffies(1250, 250).since(0)).isEqualTo(Duration.ofSeconds(5));
    assertThat(new Jiffies(5, 1000).since(-5)).isEqualTo(Duration.ofMillis(10));
  }
}
