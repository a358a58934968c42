// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/**
 * The fields of {@code struct __sk_buff} (linux/bpf.h) that a test run may set. {@code ifindex} is
 * the device the packet is on, {@code ingressIfindex} the one it came in by; 0 is the loopback
 * device of the caller's network namespace.
 */
public record SkbContext(int mark, int priority, int ingressIfindex, int ifindex) {
  private static final int BYTES = 192;

  public static SkbContext onDevice(int ifindex) {
    return new SkbContext(0, 0, 0, ifindex);
  }

  public SkbContext withMark(int value) {
    return new SkbContext(value, priority, ingressIfindex, ifindex);
  }

  /** Reads what a program left in the context. */
  public static SkbContext read(byte[] context) {
    var segment = MemorySegment.ofArray(context);
    return new SkbContext(
        segment.get(JAVA_INT.withByteAlignment(1), 8),
        segment.get(JAVA_INT.withByteAlignment(1), 32),
        segment.get(JAVA_INT.withByteAlignment(1), 36),
        segment.get(JAVA_INT.withByteAlignment(1), 40));
  }

  byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    var segment = MemorySegment.ofArray(bytes);
    segment.set(JAVA_INT.withByteAlignment(1), 8, mark);
    segment.set(JAVA_INT.withByteAlignment(1), 32, priority);
    segment.set(JAVA_INT.withByteAlignment(1), 36, ingressIfindex);
    segment.set(JAVA_INT.withByteAlignment(1), 40, ifindex);
    return bytes;
  }
}
