// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** A port of TCP, UDP or SCTP; 0 means any. */
public record Port(int value) implements Comparable<Port> {
  /** Any port. */
  public static final Port ANY = new Port(0);

  /** Refuses what is no port. */
  public Port {
    if (value < 0 || value > 0xffff) {
      throw new IllegalArgumentException("port " + value + " is not from 0 to 65535");
    }
  }

  /** From the 16 bits of a packet, already in host order. */
  public static Port ofBits(short bits) {
    return new Port(bits & 0xffff);
  }

  @Override
  public int compareTo(Port other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
