// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import com.google.protobuf.ByteString;
import io.jilium.core.model.DropReason;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.TraceObservationPoint;
import io.jilium.core.model.TraceState;
import io.jilium.wire.agent.Event;
import java.util.Locale;
import java.util.Optional;

/** An event for people: one line, or a paragraph with the packet's headers. */
final class EventText {
  /** Between two paragraphs. */
  static final String RULE = "-".repeat(78);

  private static final int TO_ENDPOINT = TraceObservationPoint.TO_ENDPOINT.number();

  private static final int INGRESS = 1;

  private final boolean numeric;

  /**
   * @param numeric show reserved identities by number too
   */
  EventText(boolean numeric) {
    this.numeric = numeric;
  }

  /** The event in one line. */
  String line(Event event) {
    return switch (event.getType()) {
      case EVENT_TRACE -> trace(event);
      case EVENT_DROP -> drop(event);
      case EVENT_POLICY_VERDICT -> verdict(event);
      case EVENT_DEBUG -> DebugText.line(event);
      case EVENT_UNKNOWN, UNRECOGNIZED -> prefix(event) + "event of unknown type";
    };
  }

  /** The event and every header of its packet. */
  String paragraph(Event event) {
    if (!hasPacket(event)) {
      return line(event);
    }
    var text = new StringBuilder(RULE).append('\n').append(head(event));
    for (Packet.Layer layer : packet(event).layers()) {
      text.append('\n').append(layer.text());
    }
    return text.toString();
  }

  /** The event and the bytes of its packet. */
  String hex(Event event) {
    return hasPacket(event)
        ? RULE + "\n" + head(event) + "\n" + HexDump.of(event.getData().toByteArray())
        : line(event);
  }

  /** Whether the event shows a packet rather than a step in its handling. */
  static boolean hasPacket(Event event) {
    return switch (event.getType()) {
      case EVENT_TRACE, EVENT_DROP, EVENT_POLICY_VERDICT -> true;
      case EVENT_DEBUG, EVENT_UNKNOWN, UNRECOGNIZED -> false;
    };
  }

  static Packet packet(Event event) {
    return Packet.of(event.getData().toByteArray(), (event.getFlags() & EventFlags.L3) == 0);
  }

  /** {@code CPU 03: MARK 0x0 FROM 1580 }. */
  static String prefix(Event event) {
    return String.format(
        Locale.ROOT,
        "CPU %02d: MARK 0x%x FROM %d ",
        event.getCpu(),
        event.getHash(),
        event.getEndpoint());
  }

  static String point(int number) {
    return TraceObservationPoint.of(number)
        .map(TraceObservationPoint::text)
        .orElseGet(() -> "point-" + number);
  }

  static String state(int number) {
    return TraceState.of(number).map(TraceState::text).orElseGet(() -> "state-" + number);
  }

  /** {@code -> endpoint 1580}, {@code <- overlay}. */
  static String arrow(Event event) {
    Optional<TraceObservationPoint> point = TraceObservationPoint.of(event.getSubtype());
    if (point.isEmpty()) {
      return "?? " + point(event.getSubtype());
    }
    String text = point.get().text();
    return switch (point.get()) {
      case TO_ENDPOINT -> "-> endpoint " + event.getDstEndpoint();
      case FROM_ENDPOINT -> "<- endpoint " + event.getEndpoint();
      case TO_PROXY, TO_HOST, TO_STACK, TO_OVERLAY, TO_NETWORK, TO_CRYPTO ->
          "-> " + text.substring("to-".length());
      case FROM_PROXY, FROM_HOST, FROM_STACK, FROM_OVERLAY, FROM_NETWORK, FROM_CRYPTO ->
          "<- " + text.substring("from-".length());
    };
  }

  static String reason(Event event) {
    return event.getReason().isEmpty() ? DropReason.text(event.getSubtype()) : event.getReason();
  }

  static String originalAddress(ByteString address) {
    return address.isEmpty() ? "0.0.0.0" : IpAddress.ofBytes(address.toByteArray()).toString();
  }

  static String device(Event event) {
    return event.getInterface().isEmpty()
        ? Integer.toUnsignedString(event.getIfindex())
        : event.getInterface();
  }

  private String trace(Event event) {
    return String.format(
        Locale.ROOT,
        "%s flow 0x%x %s state %s ifindex %s orig-ip %s: %s",
        arrow(event),
        event.getHash(),
        identities(event),
        state(event.getState()),
        device(event),
        originalAddress(event.getOrigIp()),
        packet(event).summary());
  }

  private String drop(Event event) {
    return String.format(
        Locale.ROOT,
        "xx drop (%s) flow 0x%x to endpoint %d, ifindex %s, file %s:%d, %s: %s",
        reason(event),
        event.getHash(),
        event.getDstEndpoint(),
        device(event),
        event.getFile().isEmpty() ? "unknown" : event.getFile(),
        event.getLine(),
        identities(event),
        packet(event).summary());
  }

  private String verdict(Event event) {
    boolean ingress = event.getDirection() == INGRESS;
    Packet packet = packet(event);
    return String.format(
        Locale.ROOT,
        "Policy verdict log: flow 0x%x local EP ID %d, remote ID %s, proto %d, %s, action %s, rule %s, %s",
        event.getHash(),
        event.getEndpoint(),
        identity(ingress ? event.getSrcIdentity() : event.getDstIdentity()),
        packet.transport().map(Packet.Transport::protocol).orElse(0),
        ingress ? "ingress" : "egress",
        event.getSubtype() == 0 ? "allow" : "deny",
        event.getRule() == 0 ? "none" : Integer.toUnsignedString(event.getRule()),
        packet.summary());
  }

  private String head(Event event) {
    var text = new StringBuilder(prefix(event));
    int captured = event.getData().size();
    switch (event.getType()) {
      case EVENT_DROP -> {
        text.append("DROP: %d bytes, reason %s".formatted(event.getLength(), reason(event)));
        text.append(identities(event));
        text.append(", file %s:%d".formatted(event.getFile(), event.getLine()));
        if (event.getRule() != 0) {
          text.append(", rule ").append(Integer.toUnsignedString(event.getRule()));
        }
        if (event.getDstEndpoint() != 0) {
          text.append(", to endpoint ").append(event.getDstEndpoint());
        }
      }
      case EVENT_POLICY_VERDICT -> text.append(verdict(event));
      default -> {
        text.append(point(event.getSubtype()));
        text.append(": %d bytes (%d captured), state ".formatted(event.getLength(), captured));
        text.append(state(event.getState()));
        if (event.getIfindex() != 0) {
          text.append(", interface ").append(device(event));
        }
        text.append(", ").append(identities(event));
        text.append(", orig-ip ").append(originalAddress(event.getOrigIp()));
        if (event.getSubtype() == TO_ENDPOINT) {
          text.append(", to endpoint ").append(event.getDstEndpoint());
        }
      }
    }
    return text.toString();
  }

  private String identities(Event event) {
    return ", identity "
        + identity(event.getSrcIdentity())
        + "->"
        + identity(event.getDstIdentity());
  }

  private String identity(int number) {
    return numeric || number < 0
        ? Integer.toUnsignedString(number)
        : new NumericIdentity(number).text();
  }
}
