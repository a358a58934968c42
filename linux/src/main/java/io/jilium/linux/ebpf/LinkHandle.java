// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.jilium.linux.sys.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** What all kinds of links have in common: the descriptor and its commands. */
final class LinkHandle implements AutoCloseable {
  private final Fd fd;

  LinkHandle(Fd fd) {
    this.fd = fd;
  }

  /** {@code attributes} hold what the kind of link needs behind the first four fields. */
  static LinkHandle create(
      MemorySegment attributes, Program program, int target, AttachType type, String what) {
    attributes.set(JAVA_INT, 0, program.fd().number());
    attributes.set(JAVA_INT, 4, target);
    attributes.set(JAVA_INT, 8, type.number());
    return new LinkHandle(
        Bpf.open(
            Bpf.LINK_CREATE, attributes, "attach " + program + " to " + what, "link of " + what));
  }

  LinkInfo info() {
    return LinkInfo.of(fd);
  }

  void update(Program replacement) {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, fd.number());
      attributes.set(JAVA_INT, 4, replacement.fd().number());
      Bpf.call(Bpf.LINK_UPDATE, attributes, "replace the program of " + fd + " by " + replacement);
    }
  }

  void pin(Path path) {
    Bpf.pin(fd, path);
  }

  void detach() {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, fd.number());
      Bpf.call(Bpf.LINK_DETACH, attributes, "detach " + fd);
    }
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return fd.description();
  }
}
