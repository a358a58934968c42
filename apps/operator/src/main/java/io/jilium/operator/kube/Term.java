// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import java.time.Duration;

/**
 * The time for which an operator leads. It is asked before every write: a leader that could not
 * renew its lease in time changes nothing more, though it does not know yet whether another leads.
 */
final class Term {
  /** This operator does not lead any more, or does not know. */
  static final class Over extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Over() {
      super("this operator leads no more");
    }
  }

  private final Duration trust;
  private volatile long confirmed;
  private volatile boolean over;

  /**
   * Begins now.
   *
   * @param trust how long after a renewal was asked for no other operator can lead
   * @param confirmed when it was asked for, as {@link System#nanoTime}
   */
  Term(Duration trust, long confirmed) {
    this.trust = trust;
    this.confirmed = confirmed;
  }

  void renewed(long asked) {
    confirmed = asked;
  }

  void end() {
    over = true;
  }

  boolean isOver() {
    return over || System.nanoTime() - confirmed > trust.toNanos();
  }

  void check() {
    if (isOver()) {
      throw new Over();
    }
  }
}
