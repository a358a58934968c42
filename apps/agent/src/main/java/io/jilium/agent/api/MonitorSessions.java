// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.agent.monitor.EventFilter;
import io.jilium.agent.monitor.EventMessages;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.monitor.EventQueue;
import io.jilium.wire.agent.Event;
import io.jilium.wire.agent.MonitorReport;
import io.jilium.wire.agent.MonitorRequest;
import io.jilium.wire.agent.MonitorStart;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Clients that watch events. */
final class MonitorSessions {
  /** An empty report in a quiet time finds out whether the client still listens. */
  private static final Duration QUIET = Duration.ofSeconds(2);

  private final EventMonitor monitor;
  private final Whereabouts whereabouts;
  private final EventMessages messages;

  MonitorSessions(EventMonitor monitor, Whereabouts whereabouts) {
    this.monitor = monitor;
    this.whereabouts = whereabouts;
    this.messages = new EventMessages(whereabouts::device);
  }

  /** Reports until the client goes away. */
  void serve(MonitorRequest request, Conversation.Client client)
      throws IOException, InterruptedException {
    client.staysLong();
    var filter = EventFilter.of(request);
    var queue = new EventQueue();
    var wishes = new EventMonitor.Wishes(filter.wantsDebug(), request.getNoAggregation());
    long lostBefore = monitor.lost();
    client.send(report(started()));
    try (var subscription =
        monitor.subscribe(
            wishes,
            event -> {
              int endpoint = whereabouts.endpoint(event);
              if (filter.accepts(event, endpoint)) {
                queue.offer(messages.of(event, endpoint));
              }
            })) {
      while (true) {
        List<Event> events = queue.take(QUIET);
        long lost = monitor.lost();
        long lostHere = queue.takeLost();
        subscription.lost(lostHere);
        client.send(
            report(
                MonitorReport.newBuilder()
                    .addAllEvents(events)
                    .setLostKernel(Math.max(0, lost - lostBefore))
                    .setLostClient(lostHere)));
        lostBefore = lost;
      }
    }
  }

  private MonitorReport.Builder started() {
    return MonitorReport.newBuilder()
        .setStart(
            MonitorStart.newBuilder()
                .setCpus(Runtime.getRuntime().availableProcessors())
                .setRingBytes(monitor.capacity()));
  }

  private static Response report(MonitorReport.Builder report) {
    return Response.newBuilder().setMonitor(report).build();
  }
}
