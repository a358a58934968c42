// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.datapath.Event;
import io.jilium.wire.agent.MonitorRequest;
import java.util.HashSet;
import java.util.Set;

/**
 * Which events a client asked for. Empty sets let everything pass, except that debug events are
 * shown only to who names them.
 */
public final class EventFilter {
  private static final int DEBUG = io.jilium.wire.agent.EventType.EVENT_DEBUG_VALUE;
  private static final int ALL_BUT_DEBUG = ~(1 << DEBUG);

  private final int types;
  private final Set<Integer> relatedTo;
  private final Set<Integer> from;
  private final Set<Integer> to;

  private EventFilter(int types, Set<Integer> relatedTo, Set<Integer> from, Set<Integer> to) {
    this.types = types;
    this.relatedTo = relatedTo;
    this.from = from;
    this.to = to;
  }

  /** As the request says. */
  public static EventFilter of(MonitorRequest request) {
    int types = 0;
    for (int type : request.getTypesValueList()) {
      types |= type >= 0 && type < Integer.SIZE ? 1 << type : 0;
    }
    return new EventFilter(
        types == 0 ? ALL_BUT_DEBUG : types,
        new HashSet<>(request.getRelatedToList()),
        new HashSet<>(request.getFromList()),
        new HashSet<>(request.getToList()));
  }

  /** Whether debug events are asked for. */
  public boolean wantsDebug() {
    return (types & 1 << DEBUG) != 0;
  }

  /**
   * Whether the client shall see this event.
   *
   * @param endpoint that the event is about; 0: none
   */
  public boolean accepts(Event event, int endpoint) {
    int type = event.type();
    if (type >= Integer.SIZE || (types & 1 << type) == 0) {
      return false;
    }
    return (relatedTo.isEmpty()
            || relatedTo.contains(endpoint)
            || relatedTo.contains(event.destinationEndpoint()))
        && (from.isEmpty() || from.contains(endpoint))
        && (to.isEmpty() || to.contains(event.destinationEndpoint()));
  }
}
