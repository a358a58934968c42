// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Settings that can't work are refused before anything is started on the node, each with its own
 * sentence.
 */
@Tag("lab")
final class SettingsTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "routingMod=native | routingMode",
        "routingMode=sideways | routingMode",
        "tunnelProtocol=geneve | geneve",
        "ipam.operator.clusterPoolIPv4MaskSize=40 | clusterPoolIPv4MaskSize",
        "MTU=100 | MTU",
      })
  void aWrongSettingIsRefusedAndNamed(String setting, String named) {
    try (var lab = Lab.named("wrong")) {
      var refused = lab.tryLab("up", "--nodes", "1", "--set", setting.strip());
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.output()).contains(named.strip()).doesNotContain("\tat io.jilium");
    }
  }

  @Test
  void labDownOfNothingIsFine() {
    try (var lab = Lab.named("none")) {
      assertThat(lab.typed("down").code()).isZero();
    }
  }
}
