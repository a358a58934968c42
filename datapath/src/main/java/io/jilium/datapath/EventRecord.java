// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.NumericIdentity;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** An event copied out of the ring buffer. */
public sealed interface EventRecord permits TraceEvent, DropEvent, DebugEvent, PolicyVerdictEvent {
  /** What every event has. */
  Common common();

  /**
   * What every event has.
   *
   * @param timeNanos CLOCK_MONOTONIC
   * @param endpoint where it was seen; 0: none
   * @param rule the policy rule that decided; 0: none
   * @param ifindex the device it came in on, or goes to
   * @param l3 the capture starts with the IP header
   * @param encapsulated the capture starts with the outer headers
   * @param length bytes on the wire
   */
  record Common(
      long timeNanos,
      int endpoint,
      int hash,
      NumericIdentity sourceIdentity,
      NumericIdentity destinationIdentity,
      int rule,
      int ifindex,
      Optional<Direction> direction,
      int cpu,
      boolean ipv6,
      boolean l3,
      boolean encapsulated,
      int length,
      Capture packet) {}

  /** The first bytes of a packet. */
  final class Capture {
    private final byte[] bytes;

    /** Keeps the array: the caller must not change it. */
    Capture(byte[] bytes) {
      this.bytes = bytes;
    }

    public int length() {
      return bytes.length;
    }

    /** A copy. */
    public byte[] bytes() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Capture that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return HexFormat.of().formatHex(bytes);
    }
  }
}
