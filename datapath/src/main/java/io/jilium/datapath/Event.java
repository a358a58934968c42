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
  private MemorySegment at = MemorySegment.NULL;

  Event() {}

  /** For tests and for events that come from elsewhere than the ring. */
  public static Event of(MemorySegment bytes) {
    var event = new Event();
    event.move(bytes);
    return event;
  }

  void move(MemorySegment bytes) {
    if (bytes.byteSize() < EventLayout.DATA) {
      throw new IllegalArgumentException("an event of " + bytes.byteSize() + " bytes");
    }
    at = bytes;
  }

  /** Nanoseconds of CLOCK_MONOTONIC. */
  public long timeNanos() {
    return (long) EventLayout.TIME.get(at, 0L);
  }

  /** The number of an {@link EventType}. */
  public int type() {
    return Struct.u8(EventLayout.TYPE, at);
  }

  /** Drop reason, observation point or debug point, by type. */
  public int subtype() {
    return Struct.u8(EventLayout.SUBTYPE, at);
  }

  /** The endpoint id where it was seen; 0: none. */
  public int endpoint() {
    return Struct.u16(EventLayout.ENDPOINT, at);
  }

  public int hash() {
    return (int) EventLayout.HASH.get(at, 0L);
  }

  public int sourceIdentity() {
    return (int) EventLayout.SRC_IDENTITY.get(at, 0L);
  }

  public int destinationIdentity() {
    return (int) EventLayout.DST_IDENTITY.get(at, 0L);
  }

  /** The policy rule that decided; 0: none. */
  public int rule() {
    return (int) EventLayout.RULE.get(at, 0L);
  }

  /** The device it came in on, or goes to. */
  public int ifindex() {
    return (int) EventLayout.IFINDEX.get(at, 0L);
  }

  /** The receiving endpoint of a trace to an endpoint. */
  public int destinationEndpoint() {
    return Struct.u16(EventLayout.DST_ENDPOINT, at);
  }

  public int line() {
    return Struct.u16(EventLayout.LINE, at);
  }

  /** The number of a {@link SourceFile}. */
  public int file() {
    return Struct.u8(EventLayout.FILE, at);
  }

  /** The number of a trace state. */
  public int state() {
    return Struct.u8(EventLayout.STATE, at);
  }

  public boolean has(EventFlag flag) {
    return flag.in(Struct.u8(EventLayout.FLAGS, at));
  }

  /** The number of a {@link Direction}. */
  public int direction() {
    return Struct.u8(EventLayout.DIRECTION, at);
  }

  /** Argument 0 or 1 of a debug event. */
  public int argument(int index) {
    return at.get(ValueLayout.JAVA_INT, EventLayout.ARGS + 4L * index);
  }

  public boolean isTranslated() {
    return at.get(ValueLayout.JAVA_LONG_UNALIGNED, EventLayout.ORIG_IP) != 0
        || at.get(ValueLayout.JAVA_LONG_UNALIGNED, EventLayout.ORIG_IP + 8) != 0;
  }

  public int cpu() {
    return (int) EventLayout.CPU.get(at, 0L);
  }

  /** Bytes on the wire. */
  public int length() {
    return Struct.u16(EventLayout.LEN_ORIG, at);
  }

  /** The captured bytes in place. */
  public MemorySegment packet() {
    return at.asSlice(EventLayout.DATA, capturedLength());
  }

  /** How many bytes of the packet the event holds. */
  public int capturedLength() {
    long room = Math.min(EventLayout.CAPTURE, at.byteSize() - EventLayout.DATA);
    return (int) Math.min(room, Struct.u16(EventLayout.LEN_CAP, at));
  }

  /** One captured byte. */
  public int packetByte(int index) {
    return at.get(ValueLayout.JAVA_BYTE, EventLayout.DATA + index) & 0xFF;
  }

  /** The source before translation; unspecified IPv6 when it was not translated. */
  public IpAddress originalSource() {
    return Struct.address(at, EventLayout.ORIG_IP);
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
