// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import java.util.List;

/**
 * Actions of a kind.
 *
 * @param test to which it belongs; names of both are those of Cilium's connectivity test
 */
record Scenario(String test, String name, List<Action> actions) {
  /** Copies. */
  Scenario {
    actions = List.copyOf(actions);
  }

  /** {@code test/scenario}. */
  String fullName() {
    return test.equals(name) ? test : test + "/" + name;
  }
}
