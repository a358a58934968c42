// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.source.kube.crd.LabelSelector.Requirement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelSelectorTest {
  @Test
  void anEmptySelectorSelectsEverything() {
    assertThat(new LabelSelector(Map.of(), List.of()).matches(Map.of())).isTrue();
  }

  @Test
  void everyLabelMustHaveItsValue() {
    LabelSelector selector = new LabelSelector(Map.of("app", "web", "tier", "front"), List.of());

    assertThat(selector.matches(Map.of("app", "web", "tier", "front", "more", "x"))).isTrue();
    assertThat(selector.matches(Map.of("app", "web", "tier", "back"))).isFalse();
    assertThat(selector.matches(Map.of("app", "web"))).isFalse();
  }

  @ParameterizedTest(name = "{0} with app=web: {1}, without app: {2}")
  @CsvSource({
    "In, true, false",
    "NotIn, false, true",
    "Exists, true, false",
    "DoesNotExist, false, true",
    "Resembles, false, false"
  })
  void eachOperator(String operator, boolean present, boolean absent) {
    LabelSelector selector =
        new LabelSelector(Map.of(), List.of(new Requirement("app", operator, List.of("web"))));

    assertThat(selector.matches(Map.of("app", "web"))).isEqualTo(present);
    assertThat(selector.matches(Map.of("other", "web"))).isEqualTo(absent);
  }
}
