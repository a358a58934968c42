// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;

/**
 * Says beside the results, on stderr, what is being done and how long it took, so that stdout holds
 * results alone.
 */
final class Progress {
  private final PrintWriter out;
  private final Instant began = Instant.now();

  Progress(PrintWriter out) {
    this.out = out;
  }

  void step(String what) {
    var since = Duration.between(began, Instant.now());
    out.printf("%4d.%d s  %s%n", since.toSeconds(), since.toMillisPart() / 100, what);
    out.flush();
  }
}
