// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code struct runtime} of {@code abi/runtime.h}: what changes while programs run. Times are
 * jiffies. It is read here as a whole; members are changed one by one through {@link RuntimeMap}.
 */
public record RuntimeState(
    int epoch,
    boolean overlayCapture,
    boolean debug,
    Aggregation aggregation,
    int reportInterval,
    int agentSeen) {
  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          Struct.U32.withName("epoch"),
          Struct.U8.withName("overlay_capture"),
          Struct.U8.withName("debug"),
          Struct.U8.withName("aggregation"),
          Struct.pad(1),
          Struct.U32.withName("report_interval"),
          Struct.U32.withName("agent_seen"));

  static final VarHandle EPOCH = Struct.field(LAYOUT, "epoch");
  static final VarHandle OVERLAY_CAPTURE = Struct.field(LAYOUT, "overlay_capture");
  static final VarHandle DEBUG = Struct.field(LAYOUT, "debug");
  static final VarHandle AGGREGATION = Struct.field(LAYOUT, "aggregation");
  static final VarHandle REPORT_INTERVAL = Struct.field(LAYOUT, "report_interval");
  static final VarHandle AGENT_SEEN = Struct.field(LAYOUT, "agent_seen");

  /** Reads the struct at the start of the segment. */
  public static RuntimeState read(MemorySegment from) {
    return new RuntimeState(
        (int) EPOCH.get(from, 0L),
        Struct.u8(OVERLAY_CAPTURE, from) != 0,
        Struct.u8(DEBUG, from) != 0,
        Aggregation.of(Struct.u8(AGGREGATION, from)).orElse(Aggregation.NONE),
        (int) REPORT_INTERVAL.get(from, 0L),
        (int) AGENT_SEEN.get(from, 0L));
  }

  /** Writes the struct, padding included, to the start of the segment. */
  public void write(MemorySegment to) {
    to.asSlice(0, LAYOUT.byteSize()).fill((byte) 0);
    EPOCH.set(to, 0L, epoch);
    OVERLAY_CAPTURE.set(to, 0L, (byte) (overlayCapture ? 1 : 0));
    DEBUG.set(to, 0L, (byte) (debug ? 1 : 0));
    AGGREGATION.set(to, 0L, (byte) aggregation.number());
    REPORT_INTERVAL.set(to, 0L, reportInterval);
    AGENT_SEEN.set(to, 0L, agentSeen);
  }
}
