// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import java.util.List;
import java.util.function.Supplier;

/**
 * One thing that is tried.
 *
 * @param name within its scenario: {@code curl-ipv4-0}
 * @param what from where to where, for people
 * @param attempt tries it; may be called again to watch a failure
 * @param addresses which packets of it carry; empty when no packets are to be shown
 * @param nodes on which they are to be seen
 */
record Action(
    String name,
    String what,
    Supplier<Outcome> attempt,
    List<String> addresses,
    List<String> nodes) {

  /** Copies. */
  Action {
    addresses = List.copyOf(addresses);
    nodes = List.copyOf(nodes);
  }

  /** An action without packets of its own. */
  static Action of(String name, String what, Supplier<Outcome> attempt) {
    return new Action(name, what, attempt, List.of(), List.of());
  }
}
