// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PodPortTest {
  @Test
  void portsOfPodsMayBePortsOfTheirNode() {
    assertThat(Pod.Port.parse("web:tcp/80")).isEqualTo(new Pod.Port("web", "tcp", 80, 0, ""));
    assertThat(Pod.Port.parse("udp/53@8053")).isEqualTo(new Pod.Port("", "udp", 53, 8053, ""));
    assertThat(Pod.Port.parse("tcp/80@172.30.0.1:8080"))
        .isEqualTo(new Pod.Port("", "tcp", 80, 8080, "172.30.0.1"));
    assertThat(Pod.Port.parse("tcp/80@[fd00:172:30::1]:8080"))
        .isEqualTo(new Pod.Port("", "tcp", 80, 8080, "fd00:172:30:0:0:0:0:1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"80", "sctp/80", "tcp/0", "tcp/65536", "tcp/80@", "tcp/80@0", "tcp/80@1.2:80"})
  void whatIsNoPortIsRefused(String text) {
    assertThatThrownBy(() -> Pod.Port.parse(text))
        .isInstanceOf(LabException.class)
        .hasMessageStartingWith("--port '" + text + "': ");
  }
}
