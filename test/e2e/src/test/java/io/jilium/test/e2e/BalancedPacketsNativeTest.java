// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import org.junit.jupiter.api.Tag;

@Tag("lab")
final class BalancedPacketsNativeTest extends BalancedPacketsScenarios {
  @Override
  String routingMode() {
    return "native";
  }
}
