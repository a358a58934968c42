// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Fd;
import java.lang.foreign.Arena;

/** {@code struct bpf_link_info} of linux/bpf.h: what a link joins. */
public sealed interface LinkInfo {
  int id();

  /** The program that runs now. */
  int programId();

  /** ifindex is 0 after the device has gone. */
  record Tcx(int id, int programId, int ifindex, TcHook hook) implements LinkInfo {}

  /** ifindex is 0 after the device has gone. */
  record Xdp(int id, int programId, int ifindex) implements LinkInfo {}

  record Cgroup(int id, int programId, long cgroupId, int attachType) implements LinkInfo {}

  /** A kind that this library does not make; {@code type} is of enum bpf_link_type. */
  record Other(int id, int programId, int type) implements LinkInfo {}

  static LinkInfo of(Fd link) {
    try (var arena = Arena.ofConfined()) {
      var info = arena.allocate(64, 8);
      Bpf.info(link, info);
      int id = info.get(JAVA_INT, 4);
      int program = info.get(JAVA_INT, 8);
      return switch (info.get(JAVA_INT, 0)) {
        case 3 -> new Cgroup(id, program, info.get(JAVA_LONG, 16), info.get(JAVA_INT, 24));
        case 6 -> new Xdp(id, program, info.get(JAVA_INT, 16));
        case 11 -> new Tcx(id, program, info.get(JAVA_INT, 16), TcHook.of(info.get(JAVA_INT, 20)));
        default -> new Other(id, program, info.get(JAVA_INT, 0));
      };
    }
  }
}
