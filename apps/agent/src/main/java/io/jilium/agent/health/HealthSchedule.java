// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import java.time.Duration;

/**
 * How often a node probes the others: rarer in larger clusters, so that the sum of all probes grows
 * slowly. Pure.
 */
final class HealthSchedule {
  /** Cilium's base at its default connectivity-probe-frequency-ratio of 0.5. */
  private static final Duration BASE = Duration.ofSeconds(60);

  private HealthSchedule() {}

  /** Base × ln(1 + nodes): 42 s alone, 83 s with 3 nodes, 414 s with 1000. */
  static Duration interval(int nodes) {
    return Duration.ofMillis(Math.round(BASE.toMillis() * Math.log1p(Math.max(1, nodes))));
  }
}
