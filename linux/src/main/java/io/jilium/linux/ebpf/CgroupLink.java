// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** A program that runs for the sockets of a control group and the groups below it. */
public final class CgroupLink implements Link {
  private final LinkHandle handle;

  CgroupLink(LinkHandle handle) {
    this.handle = handle;
  }

  /** {@code bpftool cgroup attach}, as a link; programs of others there run as well. */
  public static CgroupLink attach(Path cgroup, AttachType type, Program program) {
    try (var arena = Arena.ofConfined();
        var directory = Syscalls.open(cgroup, Syscalls.O_RDONLY)) {
      return new CgroupLink(
          LinkHandle.create(
              Bpf.attributes(arena),
              program,
              directory.number(),
              type,
              type + " of cgroup " + cgroup));
    }
  }

  @Override
  public LinkInfo info() {
    return handle.info();
  }

  @Override
  public void update(Program replacement) {
    handle.update(replacement);
  }

  @Override
  public void pin(Path path) {
    handle.pin(path);
  }

  @Override
  public void detach() {
    handle.detach();
  }

  @Override
  public void close() {
    handle.close();
  }

  @Override
  public String toString() {
    return handle.toString();
  }
}
