// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** The number that stands for a set of labels in packets and maps. */
public record NumericIdentity(int value) implements Comparable<NumericIdentity> {
  /** Nothing is known. */
  public static final NumericIdentity UNKNOWN = new NumericIdentity(0);

  /** The lowest number allocated in a cluster. */
  public static final int CLUSTER_MIN = 256;

  /** The highest number allocated in a cluster. */
  public static final int CLUSTER_MAX = 65535;

  private static final int SCOPE_SHIFT = 24;

  /** Refuses negative numbers. */
  public NumericIdentity {
    if (value < 0) {
      throw new IllegalArgumentException("identity " + value + " is negative");
    }
  }

  /** The fixed identity with this number. */
  public Optional<ReservedIdentity> reserved() {
    return ReservedIdentity.of(value);
  }

  /** Whether the number has a fixed meaning. */
  public boolean isReserved() {
    return reserved().isPresent();
  }

  /** Whether the number means something on this node only (CIDRs, names). */
  public boolean isLocal() {
    return value >>> SCOPE_SHIFT != 0;
  }

  /** The fixed name, else the number. */
  public String text() {
    return reserved().map(ReservedIdentity::text).orElseGet(this::toString);
  }

  @Override
  public int compareTo(NumericIdentity other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
