// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many CPUs this machine may ever have: the length of a per-CPU value. */
final class PossibleCpus {
  private static final int COUNT = read();

  private PossibleCpus() {}

  static int count() {
    return COUNT;
  }

  /** The file holds ranges, such as {@code 0-3,8-11}; the kernel counts from 0 to the highest. */
  private static int read() {
    var path = Path.of("/sys/devices/system/cpu/possible");
    try {
      var text = Files.readString(path).strip();
      var last = text.substring(Math.max(text.lastIndexOf(','), text.lastIndexOf('-')) + 1);
      return Integer.parseInt(last) + 1;
    } catch (IOException e) {
      throw new UncheckedIOException("read " + path, e);
    }
  }
}
