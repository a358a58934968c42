// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Input of BPF_PROG_TEST_RUN: a packet from its Ethernet header on, optionally the program's
 * context (an empty array is none), and how often to run. The device in the context is looked up in
 * the calling thread's network namespace.
 */
@SuppressWarnings("ArrayRecordComponent") // packets travel as they are, copies would be measured
public record TestRun(byte[] packet, byte[] context, int repeat) {
  /** Room for a packet that grows by encapsulation. */
  private static final int HEADROOM = 512;

  /**
   * What a run left behind.
   *
   * @param returned the program's return value, such as TC_ACT_OK
   * @param nanosPerRun the mean over all repetitions, measured by the kernel
   */
  @SuppressWarnings("ArrayRecordComponent") // as above
  public record Result(int returned, byte[] packet, byte[] context, int nanosPerRun) {}

  public static TestRun of(byte[] packet) {
    return new TestRun(packet, new byte[0], 1);
  }

  public TestRun with(SkbContext skb) {
    return new TestRun(packet, skb.bytes(), repeat);
  }

  /**
   * For an XDP program: the device that the packet came in by, in {@code struct xdp_md} of
   * linux/bpf.h.
   */
  public TestRun receivedBy(int ifindex) {
    byte[] md = new byte[24];
    var segment = MemorySegment.ofArray(md);
    segment.set(JAVA_INT.withByteAlignment(1), 4, packet.length);
    segment.set(JAVA_INT.withByteAlignment(1), 12, ifindex);
    return new TestRun(packet, md, repeat);
  }

  public TestRun repeated(int times) {
    return new TestRun(packet, context, times);
  }

  Result run(Fd program) {
    try (var arena = Arena.ofConfined()) {
      var packetIn = copy(arena, packet);
      var packetOut = arena.allocate(packet.length + HEADROOM, 8);
      var contextIn = copy(arena, context);
      var contextOut = arena.allocate(Math.max(8, context.length), 8);
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, program.number());
      attributes.set(JAVA_INT, 8, packet.length);
      attributes.set(JAVA_INT, 12, (int) packetOut.byteSize());
      attributes.set(JAVA_LONG, 16, packetIn.address());
      attributes.set(JAVA_LONG, 24, packetOut.address());
      attributes.set(JAVA_INT, 32, repeat);
      if (context.length > 0) {
        attributes.set(JAVA_INT, 40, context.length);
        attributes.set(JAVA_INT, 44, context.length);
        attributes.set(JAVA_LONG, 48, contextIn.address());
        attributes.set(JAVA_LONG, 56, contextOut.address());
      }
      long result;
      do {
        result = Bpf.tryCall(Bpf.PROG_TEST_RUN, attributes);
      } while (result == -Errno.EINTR.number());
      Syscalls.check(result, "test run of " + program);
      return new Result(
          attributes.get(JAVA_INT, 4),
          bytes(packetOut, attributes.get(JAVA_INT, 12)),
          context.length > 0 ? bytes(contextOut, attributes.get(JAVA_INT, 44)) : new byte[0],
          attributes.get(JAVA_INT, 36));
    }
  }

  private static MemorySegment copy(Arena arena, byte[] bytes) {
    return bytes.length == 0 ? MemorySegment.NULL : arena.allocateFrom(JAVA_BYTE, bytes);
  }

  private static byte[] bytes(MemorySegment segment, int length) {
    return segment.asSlice(0, length).toArray(JAVA_BYTE);
  }
}
