// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.operator.kube.OperatorFlags.NewPool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorFlagsTest {
  @Test
  void whatNobodySaysIsAsInCilium() {
    assertThat(OperatorFlags.of(Map.of()))
        .isEqualTo(
            new OperatorFlags(
                true,
                false,
                true,
                Duration.ofSeconds(15),
                Map.of("k8s-app", "kube-dns"),
                List.of()));
  }

  @Test
  void poolsAreReadAsTheChartWritesThem() {
    assertThat(
            OperatorFlags.of(
                    Map.of(
                        "auto-create-cilium-pod-ip-pools",
                        "default=ipv4-cidrs:10.10.0.0/16,10.11.0.0/16;ipv4-mask-size:27,other=ipv6-cidrs:fd00:1::/64;"))
                .pools())
        .containsExactly(
            new NewPool("default", List.of("10.10.0.0/16", "10.11.0.0/16"), 27, List.of(), 120),
            new NewPool("other", List.of(), 24, List.of("fd00:1::/64"), 120));
  }

  @ParameterizedTest(name = "{0}={1}: {2}")
  @CsvSource({
    "remove-cilium-node-taints, maybe, true or false",
    "set-cilium-node-taints, maybe, true or false",
    "unmanaged-pod-watcher-interval, soon, seconds",
    "pod-restart-selector, dns, label=value",
    "auto-create-cilium-pod-ip-pools, default, ipv4-cidrs"
  })
  void whatCannotBeReadIsNamed(String flag, String value, String expected) {
    assertThatThrownBy(() -> OperatorFlags.of(Map.of(flag, value)))
        .hasMessageContaining(flag)
        .hasMessageContaining(expected);
  }

  @ParameterizedTest(name = "{0} against {1}: {2}")
  @CsvSource({"1.9, 1.10, -1", "1.10.1, 1.10, 1", "1.2.3, 1.2.3, 0", "'', 1.0, -1", "odd, 1.0, -1"})
  void versionsOfSchemasAreNumbersWithDots(String one, String other, int order) {
    assertThat(Integer.signum(CrdInstallation.compare(one, other))).isEqualTo(order);
  }
}
