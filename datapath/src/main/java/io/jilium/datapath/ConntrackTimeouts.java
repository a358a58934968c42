// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.time.Duration;

/**
 * How long an idle connection is kept.
 *
 * @param tcp past the handshake ({@code bpf.ctTimeout.regularTCP})
 * @param tcpSyn in the handshake ({@code bpf.ctTimeout.regularTCPSYN})
 * @param tcpFin closed by both sides, or reset ({@code bpf.ctTimeout.regularTCPFIN})
 * @param any every other protocol ({@code bpf.ctTimeout.regularAny})
 */
public record ConntrackTimeouts(Duration tcp, Duration tcpSyn, Duration tcpFin, Duration any) {
  /** Cilium's. */
  public static final ConntrackTimeouts DEFAULT =
      new ConntrackTimeouts(
          Duration.ofSeconds(8000),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60));

  public ConntrackTimeouts {
    for (var timeout : new Duration[] {tcp, tcpSyn, tcpFin, any}) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("conntrack timeout " + timeout);
      }
    }
  }
}
