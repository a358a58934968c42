// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import com.google.protobuf.ByteString;
import io.jilium.core.model.DropReason;
import io.jilium.datapath.Event;
import io.jilium.datapath.EventFlag;
import io.jilium.datapath.SourceFile;
import io.jilium.wire.agent.EventType;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.function.IntFunction;

/** Copies events out of the ring into messages. */
public final class EventMessages {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final IntFunction<String> interfaceNames;

  /**
   * @param interfaceNames name of a device, or the empty string; called on the reading thread
   */
  public EventMessages(IntFunction<String> interfaceNames) {
    this.interfaceNames = interfaceNames;
  }

  /**
   * A copy that may be kept.
   *
   * @param endpoint that the event is about; 0: none
   */
  public io.jilium.wire.agent.Event of(Event event, int endpoint) {
    var message =
        io.jilium.wire.agent.Event.newBuilder()
            .setTypeValue(event.type())
            .setSubtype(event.subtype())
            .setUnixNanos(unixNanos(event.timeNanos()))
            .setCpu(event.cpu())
            .setEndpoint(endpoint)
            .setHash(event.hash())
            .setSrcIdentity(event.sourceIdentity())
            .setDstIdentity(event.destinationIdentity())
            .setRule(event.rule())
            .setIfindex(event.ifindex())
            .setDstEndpoint(event.destinationEndpoint())
            .setState(event.state())
            .setFlags(flags(event))
            .setDirection(event.direction())
            .setLength(event.length())
            .setData(ByteString.copyFrom(event.packet().toArray(ValueLayout.JAVA_BYTE)));
    if (event.ifindex() != 0) {
      message.setInterface(interfaceNames.apply(event.ifindex()));
    }
    if (event.isTranslated()) {
      message.setOrigIp(ByteString.copyFrom(event.originalSource().bytes()));
    }
    if (event.type() == EventType.EVENT_DROP_VALUE) {
      message
          .setLine(event.line())
          .setFile(fileName(event.file()))
          .setReason(DropReason.text(event.subtype()));
    } else if (event.type() == EventType.EVENT_DEBUG_VALUE) {
      message.addArgs(event.argument(0)).addArgs(event.argument(1));
    }
    return message.build();
  }

  /** The name of a source file by its number in events and counters; empty for 0. */
  public static String fileName(int number) {
    return SourceFile.of(number)
        .map(file ->
            switch (file) {
              case FROM_POD -> "from_pod.bpf.c";
              case NETDEV -> "netdev.bpf.c";
              case HOST -> "host.bpf.c";
              case OVERLAY -> "overlay.bpf.c";
              case LIB,
                  PARSE,
                  DECIDE,
                  NAT,
                  FORWARD,
                  ICMP,
                  NEIGHBOUR,
                  TUNNEL,
                  POLICY,
                  REWRITE,
                  BALANCE,
                  DSR ->
                  file.name().toLowerCase(Locale.ROOT) + ".h";
            })
        .orElseGet(() -> number == 0 ? "" : "file-" + number);
  }

  /** On Linux, nanoTime is the kernel's monotonic clock, the one of events. */
  private static long unixNanos(long monotonicNanos) {
    return System.currentTimeMillis() * NANOS_PER_MILLI - (System.nanoTime() - monotonicNanos);
  }

  private static int flags(Event event) {
    int flags = 0;
    for (EventFlag flag : EventFlag.values()) {
      flags |= event.has(flag) ? flag.number() : 0;
    }
    return flags;
  }
}
