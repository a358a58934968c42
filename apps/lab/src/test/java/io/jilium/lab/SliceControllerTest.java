// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

final class SliceControllerTest {
  private static Section weighted(String weight) {
    Map<String, Object> content =
        new Yaml()
            .load(
                "metadata: {name: a, annotations: {service.cilium.io/weight: %s}}\naddressType: IPv4"
                    .formatted(weight));
    return Section.root(content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'0'", "'100'", "'65535'"})
  void weightsOfSlicesAreTaken(String weight) {
    assertThatCode(() -> SliceController.check(weighted(weight))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"100", "'65536'", "'-1'", "many", "'99999999999'"})
  void whatIsNoWeightIsRefusedWithItsPath(String weight) {
    assertThatThrownBy(() -> SliceController.check(weighted(weight)))
        .isInstanceOf(LabException.class)
        .hasMessageStartingWith(
            "metadata.annotations[service.cilium.io/weight]:"
                + " a whole number from 0 to 65535, in quotes, is expected, not ");
  }
}
