// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/** A program on a device's XDP hook, before the stack sees packets. */
public final class XdpLink implements Link {
  private final LinkHandle handle;

  XdpLink(LinkHandle handle) {
    this.handle = handle;
  }

  /** Where the program runs: in the driver, in the stack (any device), or the driver's choice. */
  public enum Mode {
    ANY(0),
    GENERIC(1 << 1),
    NATIVE(1 << 2);

    private final int flags;

    Mode(int flags) {
      this.flags = flags;
    }
  }

  /** {@code bpftool net attach xdp}, as a link. The device is of the thread's namespace. */
  public static XdpLink attach(int ifindex, Mode mode, Program program) {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 12, mode.flags);
      return new XdpLink(
          LinkHandle.create(
              attributes, program, ifindex, AttachType.XDP, "xdp of ifindex " + ifindex));
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
