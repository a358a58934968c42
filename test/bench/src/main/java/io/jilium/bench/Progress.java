// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

/** Tells on standard error what is going on, so that standard output has the result alone. */
interface Progress {
  void say(String line);

  static Progress console() {
    return line -> System.err.println("  " + line);
  }

  static Progress silent() {
    return _ -> {};
  }
}
