// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.settings.Settings.RoutingMode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings under the names of the agent's flags, as a cluster's ConfigMap has them. */
class FlagsTest {
  private static Settings flags(Map<String, String> flags) {
    return Settings.of(List.of(flags), Map.of(), List.of());
  }

  @Test
  void everySettingHasAFlagOfItsOwn() {
    assertThat(Settings.flagPaths())
        .hasSameSizeAs(Keys.byPath())
        .containsEntry("routing-mode", "routingMode")
        .containsEntry("ipam", "ipam.mode");
  }

  @Test
  void flagsSaySettings() {
    var settings =
        flags(
            Map.of(
                "routing-mode", "native",
                "ipv4-native-routing-cidr", "10.0.0.0/8",
                "cluster-pool-ipv4-cidr", "10.1.0.0/16 10.2.0.0/16",
                "devices", "eth0,eth1",
                "mtu", "1400",
                "prometheus-serve-addr", ":9999"));
    assertThat(settings.routing().mode()).isEqualTo(RoutingMode.NATIVE);
    assertThat(settings.ipam().v4().cidrs()).hasSize(2);
    assertThat(settings.devices()).containsExactly("eth0", "eth1");
    assertThat(settings.mtu()).isEqualTo(1400);
    assertThat(settings.metrics()).isEqualTo(new Settings.Metrics(true, 9999));
    assertThat(settings.ignored()).isEmpty();
  }

  @Test
  void laterFlagsWinOverEarlierOnesAndWhatIsSetByHandOverAll() {
    var settings =
        Settings.of(
            List.of(
                Map.of("mtu", "1400", "debug", "true", "cluster-name", "a"), Map.of("mtu", "1450")),
            Map.of("cluster", Map.of("name", "b")),
            List.of("cluster.name=c"));
    assertThat(settings.mtu()).isEqualTo(1450);
    assertThat(settings.debug()).isTrue();
    assertThat(settings.cluster().name()).isEqualTo("c");
  }

  @ParameterizedTest
  @CsvSource({
    "enable-ipsec, false",
    "enable-policy, default",
    "datapath-mode, veth",
    "identity-allocation-mode, crd",
    "enable-k8s-networkpolicy, true"
  })
  void whatAsksForNothingIsIgnoredAndSaid(String flag, String value) {
    assertThat(flags(Map.of(flag, value)).ignored()).singleElement().asString().contains(flag);
  }

  @ParameterizedTest
  @CsvSource({"enable-wireguard, true", "enable-policy, always", "kvstore, etcd"})
  void whatIsNotBuiltIsRefused(String flag, String value) {
    assertThatThrownBy(() -> flags(Map.of(flag, value)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(flag + "=" + value + ": this is not built yet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"routing-mod", "no-such-flag-anywhere"})
  void whatNobodyKnowsIsRefused(String flag) {
    assertThatThrownBy(() -> flags(Map.of(flag, "x")))
        .hasMessageContaining("there is no flag \"" + flag + "\"");
  }

  @Test
  void aMistypedFlagIsGuessed() {
    assertThatThrownBy(() -> flags(Map.of("routing-mod", "x")))
        .hasMessageContaining("did you mean \"routing-mode\"?");
  }

  @Test
  void aValueThatDoesNotFitIsNamedByItsSetting() {
    assertThatThrownBy(() -> flags(Map.of("mtu", "big")))
        .hasMessage("MTU=big: a whole number from 0 to 65535 is expected");
  }
}
