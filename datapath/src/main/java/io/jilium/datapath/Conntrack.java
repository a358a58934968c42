// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import java.time.Duration;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * What conntrack entries say about their connection; pure. A connection has an entry for each
 * direction, and is judged by both together:
 *
 * <pre>
 *   TCP, FIN or RST from both sides, or RST from one   closing      kept for tcpFin
 *   TCP, a packet that is not SYN seen                 established  kept for tcp
 *   TCP, else                                          handshake    kept for tcpSyn
 *   TCP, FIN from the one side that comes by here      half closed  kept for tcpSyn
 *   anything else                                                   kept for any
 * </pre>
 *
 * The time runs from the last packet of either direction. A connection of the node itself has one
 * entry, which reserves its port and speaks for both.
 */
public final class Conntrack {
  private static final int RST = 1 << 2;

  private Conntrack() {}

  /** Where a connection stands. */
  public enum State {
    HANDSHAKE,
    ESTABLISHED,
    CLOSING,
    HALF_CLOSED,
    STATELESS
  }

  /** The state of the connection of which these are the two directions. */
  public static State state(FlowKey key, FlowEntry entry, Optional<FlowEntry> reverse) {
    if (key.protocol() != Protocol.TCP.number()) {
      return State.STATELESS;
    }
    boolean other = reverse.map(r -> r.has(FlowFlag.CLOSING)).orElse(entry.has(FlowFlag.HOST));
    int flags = entry.tcpFlags() | reverse.map(FlowEntry::tcpFlags).orElse(0);
    if ((entry.has(FlowFlag.CLOSING) && other) || (flags & RST) != 0) {
      return State.CLOSING;
    }
    if (isOneWay(entry) ? entry.has(FlowFlag.CLOSING) : other && isOneWay(reverse)) {
      return State.HALF_CLOSED;
    }
    boolean past =
        entry.has(FlowFlag.SEEN_NON_SYN)
            || reverse.map(r -> r.has(FlowFlag.SEEN_NON_SYN)).orElse(false);
    return past ? State.ESTABLISHED : State.HANDSHAKE;
  }

  /** Whether answers go from another node straight to the client, and are never seen here. */
  private static boolean isOneWay(FlowEntry entry) {
    return entry.has(FlowFlag.DIRECT) && entry.has(FlowFlag.REWRITE_DST);
  }

  private static boolean isOneWay(Optional<FlowEntry> reverse) {
    return reverse.filter(Conntrack::isOneWay).isPresent();
  }

  /** How long the connection is kept after its last packet. */
  public static Duration timeout(State state, ConntrackTimeouts timeouts) {
    return switch (state) {
      case HANDSHAKE, HALF_CLOSED -> timeouts.tcpSyn();
      case ESTABLISHED -> timeouts.tcp();
      case CLOSING -> timeouts.tcpFin();
      case STATELESS -> timeouts.any();
    };
  }

  /** How long ago the last packet of either direction was; never negative. */
  public static Duration idle(FlowEntry entry, Optional<FlowEntry> reverse, Jiffies now) {
    var idle = now.since(entry.seen());
    return reverse
        .map(r -> now.since(r.seen()))
        .filter(other -> other.compareTo(idle) < 0)
        .orElse(idle);
  }

  /** How long the connection still has; zero when it has expired. */
  public static Duration remaining(
      FlowKey key,
      FlowEntry entry,
      Optional<FlowEntry> reverse,
      ConntrackTimeouts timeouts,
      Jiffies now) {
    var left = timeout(state(key, entry, reverse), timeouts).minus(idle(entry, reverse, now));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Whether both entries are to be deleted. */
  public static boolean expired(
      FlowKey key,
      FlowEntry entry,
      Optional<FlowEntry> reverse,
      ConntrackTimeouts timeouts,
      Jiffies now) {
    return remaining(key, entry, reverse, timeouts, now).isZero();
  }

  /**
   * The key of the other direction: what the answer to a packet of this flow looks like where it
   * enters; {@code flow_other} of {@code conntrack.h} is its like. Translation of the source
   * changes where the answer goes to, that of the destination who answers.
   *
   * @param side the host-side device of the pod with an address, 0 for all other addresses
   * @param stackDoor index of cilium_host, which stands in the keys of what comes out of the stack
   */
  public static FlowKey reverse(
      FlowKey key, FlowEntry entry, ToIntFunction<IpAddress> side, int stackDoor) {
    boolean source = entry.has(FlowFlag.REWRITE_SRC) && !entry.has(FlowFlag.DIRECT);
    boolean destination = entry.has(FlowFlag.REWRITE_DST);
    var answerer = destination ? entry.natDestination() : key.destination();
    int door = entry.has(FlowFlag.STACK) ? stackDoor : side.applyAsInt(answerer);
    return new FlowKey(
        answerer,
        source ? entry.natSource() : key.source(),
        destination ? entry.natDestinationPort() : key.destinationPort(),
        source ? entry.natSourcePort() : key.sourcePort(),
        door,
        key.protocol());
  }
}
