// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The objects that src/test/bpf/build.sh compiled. */
final class TestPrograms {
  private TestPrograms() {}

  static BpfObject open(String name) {
    try (var file = TestPrograms.class.getResourceAsStream("/bpf/" + name + ".bpf.o")) {
      if (file == null) {
        throw new IllegalStateException(name + ".bpf.o was not built");
      }
      return BpfObject.open(name + ".bpf.o", file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
