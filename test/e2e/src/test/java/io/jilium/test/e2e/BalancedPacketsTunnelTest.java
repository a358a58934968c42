// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import org.junit.jupiter.api.Tag;

@Tag("lab")
final class BalancedPacketsTunnelTest extends BalancedPacketsScenarios {
  @Override
  String routingMode() {
    return "tunnel";
  }

  @Override
  String balancerMode() {
    return "snat";
  }

  @Override
  String acceleration() {
    return "disabled";
  }
}
