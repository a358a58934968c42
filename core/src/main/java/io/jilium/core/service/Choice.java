// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

/** What becomes of a new connection. */
public enum Choice {
  /** One of the backends gets it. */
  BALANCE,
  /** Refused at once: TCP reset, ICMP port unreachable, ECONNREFUSED. */
  REJECT,
  /** No answer: the policy keeps it on a node that has no endpoint, another node may have one. */
  DROP,
  /**
   * The address is none of a service for whoever asks: the packet goes where it is addressed to.
   */
  PASS
}
