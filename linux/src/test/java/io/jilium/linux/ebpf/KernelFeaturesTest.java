// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.FdLeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(FdLeakCheck.class)
final class KernelFeaturesTest {
  @Tag("kernel")
  @Test
  void whatTheVersionPromisesIsFound() {
    var features = KernelFeatures.probe();
    for (var feature : KernelFeature.values()) {
      if (KernelVersion.current().compareTo(feature.minimum()) >= 0) {
        assertThat(features.has(feature)).as(feature.description()).isTrue();
        features.require(feature);
      } else if (!features.has(feature)) {
        assertThatThrownBy(() -> features.require(feature))
            .isInstanceOf(UnsupportedFeatureException.class);
      }
    }
  }

  @Test
  void missingFeatureIsNamedWithItsVersion() {
    assertThat(new UnsupportedFeatureException(KernelFeature.TCX))
        .hasMessageContaining("has no tcx")
        .hasMessageContaining("it needs 6.6");
  }

  @ParameterizedTest
  @CsvSource({"6.1.0-37-amd64, 6, 1", "5.10.0, 5, 10", "6.18, 6, 18"})
  void releaseIsParsed(String release, int major, int minor) {
    assertThat(KernelVersion.parse(release)).isEqualTo(new KernelVersion(major, minor));
  }

  @Test
  void versionsCompareByNumber() {
    assertThat(new KernelVersion(5, 10).isBefore(5, 11)).isTrue();
    assertThat(new KernelVersion(5, 10).isBefore(5, 9)).isFalse();
    assertThat(new KernelVersion(6, 1).isBefore(5, 16)).isFalse();
  }
}
