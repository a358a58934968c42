// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import io.jilium.wire.agent.Event;
import java.util.List;

/** A step in a packet's handling, in words. */
final class DebugText {
  private static final int CT_LOOKUP = 1;
  private static final int CT_VERDICT = 2;
  private static final int CT_CREATED = 3;
  private static final int IDENTITY = 4;
  private static final int DECISION = 5;
  private static final int NAT = 6;

  /** enum flow_action in abi/flow.h. */
  private static final List<String> ACTIONS =
      List.of(
          "none",
          "to a pod on this node",
          "to this node",
          "through the tunnel",
          "through the tunnel device",
          "to a node without encapsulation",
          "to a node whose MAC address is not known yet",
          "by the kernel's routes");

  private DebugText() {}

  /** One line; of a conntrack lookup, and of a connection that was not known, two. */
  static String line(Event event) {
    String prefix = EventText.prefix(event) + "DEBUG: ";
    int first = argument(event, 0);
    int second = argument(event, 1);
    return prefix
        + switch (event.getSubtype()) {
          case CT_LOOKUP ->
              "Conntrack lookup 1/2: %s\n%sConntrack lookup 2/2: nexthdr=%d flags=%d"
                  .formatted(addresses(event), prefix, first, second == 0 ? 1 : 0);
          case CT_VERDICT ->
              "CT verdict: %s, revnat=%d".formatted(capital(EventText.state(first)), second);
          case CT_CREATED ->
              "CT verdict: New, revnat=0\n%sConntrack create: revnat=0 src-identity=%s dst-identity=%s"
                  .formatted(
                      prefix, Integer.toUnsignedString(first), Integer.toUnsignedString(second));
          case IDENTITY ->
              "Successfully mapped addr=%s to identity=%s%s"
                  .formatted(
                      source(event),
                      Integer.toUnsignedString(first),
                      second == 0 ? "" : " by the tunnel's key");
          case DECISION -> "Forwarding: %s, ifindex=%d".formatted(action(first), second);
          case NAT -> "NAT: source port or ICMP id %d becomes %d".formatted(first, second);
          default -> "step %d, arguments %d %d".formatted(event.getSubtype(), first, second);
        };
  }

  /** The whole step without line breaks, for machines. */
  static String message(Event event) {
    String prefix = EventText.prefix(event) + "DEBUG: ";
    return line(event).replace("\n", "; ").replace(prefix, "");
  }

  private static String addresses(Event event) {
    Packet packet = EventText.packet(event);
    int sport = packet.transport().map(Packet.Transport::sport).orElse(0);
    int dport = packet.transport().map(Packet.Transport::dport).orElse(0);
    return packet
        .network()
        .map(ip ->
            "src=%s dst=%s"
                .formatted(Packet.endpoint(ip.src(), sport), Packet.endpoint(ip.dst(), dport)))
        .orElse("src=? dst=?");
  }

  private static String source(Event event) {
    return EventText.packet(event).network().map(Packet.Pair::src).orElse("?");
  }

  private static String action(int number) {
    return number >= 0 && number < ACTIONS.size() ? ACTIONS.get(number) : "action " + number;
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  private static int argument(Event event, int index) {
    return index < event.getArgsCount() ? event.getArgs(index) : 0;
  }
}
