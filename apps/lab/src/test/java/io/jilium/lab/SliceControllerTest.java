// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static Section service(String distribution) {
    Map<String, Object> content =
        new Yaml()
            .load(
                """
                metadata: {name: a, namespace: d}
                spec: {selector: {app: web}, ports: [{port: 80}], trafficDistribution: %s}
                """
                    .formatted(distribution));
    return Section.root(content);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PreferClose | {forZones=[{name=x}]}",
        "PreferSameZone | {forZones=[{name=x}]}",
        "PreferSameNode | {forNodes=[{name=node-1}], forZones=[{name=x}]}"
      })
  void endpointsThatAreReadyHaveTheHintsOfTheirService(String distribution, String hints) {
    var slices =
        SliceController.slices(
            service(distribution),
            List.of(
                ServiceFormTest.pod("one", "web", "10.0.0.1", "fd00::1", 80, "True", ""),
                ServiceFormTest.pod("two", "web", "10.0.0.2", "fd00::2", 80, "False", "")),
            Map.of("node-1", "x"));
    var endpoints = Section.root(slices.values().iterator().next()).sections("endpoints");
    assertThat(endpoints)
        .extracting(endpoint -> endpoint.text("zone"))
        .containsOnly(Optional.of("x"));
    assertThat(endpoints.get(0).section("hints").fields()).hasToString(hints);
    assertThat(endpoints.get(1).has("hints")).isFalse();
  }

  @Test
  void withoutZonesThereAreNoHintsOfZones() {
    var pod = ServiceFormTest.pod("one", "web", "10.0.0.1", "fd00::1", 80, "True", "");
    var slices = SliceController.slices(service("PreferClose"), List.of(pod), Map.of());
    var endpoint = Section.root(slices.values().iterator().next()).sections("endpoints").getFirst();
    assertThat(endpoint.has("zone")).isFalse();
    assertThat(endpoint.has("hints")).isFalse();
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
