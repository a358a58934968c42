// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import org.junit.jupiter.api.Tag;

/** Kube-proxy's rules where pods of other nodes are behind the tunnel. */
@Tag("lab")
final class TunnelBesideKubeProxyTest extends BesideKubeProxyScenarios {
  @Override
  String purpose() {
    return "stk-tunnel";
  }

  @Override
  boolean tunnel() {
    return true;
  }
}
