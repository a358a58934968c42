// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import org.junit.jupiter.api.Tag;

/** Kube-proxy's rules where pods of other nodes are reached by routes. */
@Tag("lab")
final class NativeBesideKubeProxyTest extends BesideKubeProxyScenarios {
  @Override
  String purpose() {
    return "stk-native";
  }

  @Override
  boolean tunnel() {
    return false;
  }
}
