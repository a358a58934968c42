// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;

/** Says on stderr what is being done and how long it took, so that stdout holds results alone. */
final class Progress {
  private final PrintStream out;
  private final Instant began = Instant.now();

  private Progress(PrintStream out) {
    this.out = out;
  }

  static Progress console() {
    return new Progress(System.err);
  }

  void step(String what) {
    var since = Duration.between(began, Instant.now());
    out.printf("%4d.%d s  %s%n", since.toSeconds(), since.toMillisPart() / 100, what);
  }
}
