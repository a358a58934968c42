// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Fd;
import java.lang.foreign.Arena;

/**
 * Counts runs and run time of all programs of the machine while it is open, for {@link
 * ProgramInfo}. It costs each run some 20 ns. {@code sysctl kernel.bpf_stats_enabled=1} does the
 * same for longer.
 */
public final class BpfStats implements AutoCloseable {
  private final Fd fd;

  private BpfStats(Fd fd) {
    this.fd = fd;
  }

  public static BpfStats enable() {
    try (var arena = Arena.ofConfined()) {
      return new BpfStats(
          Bpf.open(
              Bpf.ENABLE_STATS,
              Bpf.attributes(arena),
              "enable eBPF statistics",
              "eBPF statistics"));
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
