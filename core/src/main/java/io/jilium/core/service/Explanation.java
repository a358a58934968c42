// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.util.List;
import java.util.Optional;

/**
 * What becomes of a connection to an address and port, and why.
 *
 * @param frontend what the address leads to; empty when it is none of a service
 * @param reasons sentences, in the order in which the decision is made
 * @param candidates every listed endpoint
 */
public record Explanation(
    PortAddress asked,
    Optional<Frontend> frontend,
    Choice choice,
    List<String> reasons,
    List<Candidate> candidates) {
  /** Copies. */
  public Explanation {
    reasons = List.copyOf(reasons);
    candidates = List.copyOf(candidates);
  }

  /**
   * One endpoint.
   *
   * @param whyNot why it gets no new connection; empty if it may
   */
  public record Candidate(Backend backend, String whyNot) {}
}
