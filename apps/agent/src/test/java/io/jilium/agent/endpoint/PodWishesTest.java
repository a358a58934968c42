// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.MacAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodWishesTest {
  @Test
  void aPodWithoutAnnotationsWishesNothing() {
    var wishes = PodWishes.of(Map.of("other", "1"));
    assertThat(wishes.mac()).isEmpty();
    assertThat(wishes.wantsBandwidth()).isFalse();
  }

  @Test
  void theAddressOfOneDeviceIsTaken() {
    assertThat(PodWishes.of(Map.of(PodWishes.MAC, "02:00:5e:00:53:01")).mac())
        .contains(MacAddress.parse("02:00:5e:00:53:01"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "02:00", "01:00:5e:00:00:01", "00:00:00:00:00:00"})
  void whatIsNoDevicesAddressIsRefused(String text) {
    assertThatThrownBy(() -> PodWishes.of(Map.of(PodWishes.MAC, text)))
        .hasMessageContaining(PodWishes.MAC);
  }

  @ParameterizedTest
  @CsvSource({
    "500000,500000",
    "10M,10000000",
    "1.5k,1500",
    "1Ki,1024",
    "1Gi,1073741824",
    "2000m,2"
  })
  void bandwidthIsAQuantityOfBits(String text, long bits) {
    assertThat(PodWishes.of(Map.of(PodWishes.EGRESS, text)).egressBits()).hasValue(bits);
    assertThat(PodWishes.of(Map.of(PodWishes.INGRESS, text)).ingressBits()).hasValue(bits);
  }

  @Test
  void bandwidthThatIsNoQuantityIsRefused() {
    assertThatThrownBy(() -> PodWishes.of(Map.of(PodWishes.EGRESS, "fast")))
        .hasMessage(
            "annotation kubernetes.io/egress-bandwidth=fast: bits a second are expected, such as"
                + " 10M");
  }
}
