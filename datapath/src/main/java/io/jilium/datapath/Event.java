// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.NumericIdentity;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A view of one {@code struct event} where it lies in the ring buffer. It is valid only inside the
 * callback that got it: the next event reuses the view, and the kernel reuses the memory. Reading
 * allocates nothing; {@link #record} makes a copy that may be kept.
 */
public final class Event {
  private MemorySegment memory = MemorySegment.NULL;
  private long at;
  private int size;

  Event() {}

  /** For tests and for events that come from elsewhere than the ring. */
  public static Event of(MemorySegment bytes) {
    var event = new Event();
    event.move(bytes, 0, (int) bytes.byteSize());
    return event;
  }

  void move(MemorySegment bytes, long offset, int length) {
    if (length < EventLayout.DATA) {
      throw new IllegalArgumentException("an event of " + length + " bytes");
    }
    memory = bytes;
    at = offset;
    size = length;
  }

  /** Nanoseconds of CLOCK_MONOTONIC. */
  public long timeNanos() {
    return (long) EventLayout.TIME.get(memory, at);
  }

  /** The number of an {@link EventType}. */
  public int type() {
    return Struct.u8(EventLayout.TYPE, memory, at);
  }

  /** Drop reason, observation point or debug point, by type. */
  public int subtype() {
    return Struct.u8(EventLayout.SUBTYPE, memory, at);
  }

  /** The endpoint id where it was seen; 0: none. */
  public int endpoint() {
    return Struct.u16(EventLayout.ENDPOINT, memory, at);
  }

  public int hash() {
    return (int) EventLayout.HASH.get(memory, at);
  }

  public int sourceIdentity() {
    return (int) EventLayout.SRC_IDENTITY.get(memory, at);
  }

  public int destinationIdentity() {
    return (int) EventLayout.DST_IDENTITY.get(memory, at);
  }

  /** The policy rule that decided; 0: none. */
  public int rule() {
    return (int) EventLayout.RULE.get(memory, at);
  }

  /** The device it came in on, or goes to. */
  public int ifindex() {
    return (int) EventLayout.IFINDEX.get(memory, at);
  }

  /** The receiving endpoint of a trace to an endpoint. */
  public int destinationEndpoint() {
    return Struct.u16(EventLayout.DST_ENDPOINT, memory, at);
  }

  public int line() {
    return Struct.u16(EventLayout.LINE, memory, at);
  }

  /** The number of a {@link SourceFile}. */
  public int file() {
    return Struct.u8(EventLayout.FILE, memory, at);
  }

  /** The number of a trace state. */
  public int state() {
    return Struct.u8(EventLayout.STATE, memory, at);
  }

  public boolean has(EventFlag flag) {
    return flag.in(Struct.u8(EventLayout.FLAGS, memory, at));
  }

  /** The number of a {@link Direction}. */
  public int direction() {
    return Struct.u8(EventLayout.DIRECTION, memory, at);
  }

  /** Argument 0 or 1 of a debug event. */
  public int argument(int index) {
    return memory.get(ValueLayout.JAVA_INT, at + EventLayout.ARGS + 4L * index);
  }

  public boolean isTranslated() {
    return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + EventLayout.ORIG_IP) != 0
        || memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + EventLayout.ORIG_IP + 8) != 0;
  }

  public int cpu() {
    return (int) EventLayout.CPU.get(memory, at);
  }

  /** Bytes on the wire. */
  public int length() {
    return Struct.u16(EventLayout.LEN_ORIG, memory, at);
  }

  /** The captured bytes in place. */
  public MemorySegment packet() {
    return memory.asSlice(at + EventLayout.DATA, capturedLength());
  }

  /** How many bytes of the packet the event holds. */
  public int capturedLength() {
    long room = Math.min(EventLayout.CAPTURE, size - EventLayout.DATA);
    return (int) Math.min(room, Struct.u16(EventLayout.LEN_CAP, memory, at));
  }

  /** One captured byte. */
  public int packetByte(int index) {
    return memory.get(ValueLayout.JAVA_BYTE, at + EventLayout.DATA + index) & 0xFF;
  }

  /** The source before translation; unspecified IPv6 when it was not translated. */
  public IpAddress originalSource() {
    return Struct.address(memory, at + EventLayout.ORIG_IP);
  }

  /** A copy that may be kept. */
  public EventRecord record() {
    var common = common();
    return switch (EventType.of(type()).orElse(EventType.DEBUG)) {
      case TRACE ->
          new TraceEvent(
              common,
              subtype(),
              state(),
              destinationEndpoint(),
              isTranslated() ? Optional.of(originalSource()) : Optional.empty());
      case DROP -> new DropEvent(common, subtype(), file(), line(), destinationEndpoint());
      case POLICY_VERDICT -> new PolicyVerdictEvent(common, subtype(), state());
      case DEBUG -> new DebugEvent(common, subtype(), argument(0), argument(1));
    };
  }

  private EventRecord.Common common() {
    return new EventRecord.Common(
        timeNanos(),
        endpoint(),
        hash(),
        new NumericIdentity(sourceIdentity()),
        new NumericIdentity(destinationIdentity()),
        rule(),
        ifindex(),
        Direction.of(direction()),
        cpu(),
        has(EventFlag.IPV6),
        has(EventFlag.L3),
        has(EventFlag.ENCAPSULATED),
        length(),
        new EventRecord.Capture(packet().toArray(ValueLayout.JAVA_BYTE)));
  }
}
