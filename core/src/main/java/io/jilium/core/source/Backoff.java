// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.source;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Waits longer after each failure in a row, with some chance in it so that nodes do not come back
 * all at once.
 */
public final class Backoff {
  private static final long FIRST_MILLIS = 100;
  private static final long LONGEST_MILLIS = 3000;

  private int failures;

  /** All is well again. */
  public void reset() {
    failures = 0;
  }

  /** How long to wait after one more failure. */
  public Duration next() {
    long base = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(failures++, 10));
    return Duration.ofMillis(base / 2 + ThreadLocalRandom.current().nextLong(base / 2 + 1));
  }
}
