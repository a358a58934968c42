// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.LoadedObject;
import io.jilium.linux.ebpf.SkbContext;
import io.jilium.linux.ebpf.TestRun;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/**
 * The clocks by which programs stamp flows and events: a program of our own is run to read them.
 * How many ticks a second has is found from the ticks since boot, without waiting.
 */
public final class KernelClock implements AutoCloseable {
  private static final int[] RATES = {100, 250, 300, 1000};
  private static final int SMALLEST_FRAME = 64;

  /**
   * jiffies start five minutes before they wrap at 32 bits (INITIAL_JIFFIES of linux/jiffies.h).
   */
  private static final long START_SECONDS = -300;

  /** Offset of {@code cb[0]} in {@code struct __sk_buff}. */
  private static final long CB = 48;

  private static final double NANOS = 1e9;

  private final LoadedObject object;
  private final int hz;

  private KernelClock(LoadedObject object) {
    this.object = object;
    this.hz = rate(read());
  }

  /** Loads the program. */
  public static KernelClock open() {
    var object = Programs.open("clock").load();
    try {
      return new KernelClock(object);
    } catch (RuntimeException e) {
      object.close();
      throw e;
    }
  }

  /** Both counters at one moment. */
  private record Reading(long jiffies, long nanos) {}

  private Reading read() {
    var run = TestRun.of(new byte[SMALLEST_FRAME]).with(new SkbContext(0, 0, 0, 0));
    var context = MemorySegment.ofArray(object.program("clock").testRun(run).context());
    return new Reading(
        context.get(ValueLayout.JAVA_LONG_UNALIGNED, CB),
        context.get(ValueLayout.JAVA_LONG_UNALIGNED, CB + 8));
  }

  private static int rate(Reading now) {
    double seconds = now.nanos() / NANOS;
    int best = RATES[0];
    double smallest = Double.MAX_VALUE;
    for (int rate : RATES) {
      double expected = (seconds + START_SECONDS) * rate + (double) (1L << 32);
      double off = Math.abs(now.jiffies() - expected) / rate;
      if (off < smallest) {
        smallest = off;
        best = rate;
      }
    }
    return best;
  }

  /** Ticks a second. */
  public int hz() {
    return hz;
  }

  /** The tick counter now. */
  public Jiffies jiffies() {
    return new Jiffies((int) read().jiffies(), hz);
  }

  /** Nanoseconds of CLOCK_MONOTONIC now. */
  public long monotonicNanos() {
    return read().nanos();
  }

  /** The wall-clock time at which the monotonic clock is zero, as of now. */
  public Instant epoch() {
    return Instant.now().minusNanos(read().nanos());
  }

  @Override
  public void close() {
    object.close();
  }
}
