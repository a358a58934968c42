// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.monitor.EventMonitor.Wishes;
import io.jilium.datapath.Event;
import io.jilium.test.kit.Await;
import io.jilium.wire.agent.EventType;
import io.jilium.wire.agent.MonitorRequest;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The thread that reads events, and who gets to see them. */
final class EventMonitorTest {
  private final FakeEvents events = new FakeEvents();

  @Test
  void countsAndThrowsAwayWhatNobodyWants() {
    try (var monitor = EventMonitor.start(events, events)) {
      events.add(FakeEvents.event(4, 0, 7, 8));
      events.add(FakeEvents.event(99, 0, 7, 8));
      Await.until("the listener saw it", Duration.ofSeconds(5), () -> monitor.seen() == 2);
      assertThat(monitor.unknown()).isEqualTo(1);
    }
    assertThat(events.isClosed()).isTrue();
  }

  @Test
  void showsEventsToEveryListener() {
    var first = new CopyOnWriteArrayList<Integer>();
    var second = new CopyOnWriteArrayList<Integer>();
    try (var monitor = EventMonitor.start(events, events);
        var one = monitor.subscribe(Wishes.NONE, event -> first.add(event.endpoint()))) {
      assertThat(monitor.listeners()).isEqualTo(1);
      try (var two = monitor.subscribe(Wishes.NONE, event -> second.add(event.endpoint()))) {
        events.add(FakeEvents.event(4, 0, 7, 8));
        Await.until("the listener saw it", Duration.ofSeconds(5), () -> second.equals(List.of(7)));
        two.lost(3);
      }
      events.add(FakeEvents.event(4, 0, 9, 8));
      Await.until("the listener saw it", Duration.ofSeconds(5), () -> first.equals(List.of(7, 9)));
      one.lost(2);
      assertThat(second).containsExactly(7);
      assertThat(monitor.clientLost()).isEqualTo(5);
    }
  }

  @Test
  void switchesDebugOnOnlyWhileSomebodyAsks() {
    events.debug(true);
    events.everyPacket(true);
    try (var monitor = EventMonitor.start(events, events)) {
      assertThat(events.isDebug()).as("left on by an agent that was killed").isFalse();
      assertThat(events.isEveryPacket()).isFalse();
      try (var one = monitor.subscribe(new Wishes(true, false), event -> {})) {
        try (var two = monitor.subscribe(new Wishes(true, true), event -> {})) {
          assertThat(events.isDebug()).isTrue();
          assertThat(events.isEveryPacket()).isTrue();
          two.lost(0);
        }
        assertThat(events.isDebug()).isTrue();
        assertThat(events.isEveryPacket()).isFalse();
        one.lost(0);
      }
      assertThat(events.isDebug()).isFalse();
    }
  }

  @Test
  void aFailingListenerHarmsNobodyElse() {
    var seen = new CopyOnWriteArrayList<Integer>();
    try (var monitor = EventMonitor.start(events, events);
        var bad =
            monitor.subscribe(
                Wishes.NONE,
                event -> {
                  throw new IllegalStateException("bug");
                });
        var good = monitor.subscribe(Wishes.NONE, event -> seen.add(event.endpoint()))) {
      events.add(FakeEvents.event(4, 0, 1, 8));
      events.add(FakeEvents.event(4, 0, 2, 8));
      Await.until("the listener saw it", Duration.ofSeconds(5), () -> seen.equals(List.of(1, 2)));
      assertThat(monitor.listeners()).isEqualTo(1);
      bad.lost(0);
      good.lost(0);
    }
  }

  @Test
  void filtersByTypeAndEndpoint() {
    Event trace = view(FakeEvents.event(4, 0, 7, 8));
    Event debug = view(FakeEvents.event(2, 1, 7, 0));
    var all = EventFilter.of(MonitorRequest.getDefaultInstance());
    assertThat(all.accepts(trace, 7)).isTrue();
    assertThat(all.accepts(debug, 7)).as("only who names debug gets it").isFalse();
    assertThat(all.wantsDebug()).isFalse();
    assertThat(filter(MonitorRequest.newBuilder().addTypes(EventType.EVENT_DEBUG)).wantsDebug())
        .isTrue();
    assertThat(filter(MonitorRequest.newBuilder().addTypes(EventType.EVENT_DROP)).accepts(trace, 7))
        .isFalse();
    assertThat(filter(MonitorRequest.newBuilder().addRelatedTo(8)).accepts(trace, 7)).isTrue();
    assertThat(filter(MonitorRequest.newBuilder().addRelatedTo(9)).accepts(trace, 7)).isFalse();
    assertThat(filter(MonitorRequest.newBuilder().addFrom(7)).accepts(trace, 7)).isTrue();
    assertThat(filter(MonitorRequest.newBuilder().addFrom(8)).accepts(trace, 7)).isFalse();
    assertThat(filter(MonitorRequest.newBuilder().addTo(8)).accepts(trace, 7)).isTrue();
    assertThat(filter(MonitorRequest.newBuilder().addTo(7)).accepts(trace, 7)).isFalse();
  }

  @Test
  void copiesADropWithItsPlaceAndReason() {
    var message =
        new EventMessages(index -> "lxc" + index).of(view(FakeEvents.event(1, 133, 7, 0)), 7);
    assertThat(message.getReason()).isEqualTo("Policy denied");
    assertThat(message.getFile()).isEqualTo("from_pod.bpf.c");
    assertThat(message.getLine()).isEqualTo(211);
    assertThat(message.getInterface()).isEqualTo("lxc26");
    assertThat(message.getSrcIdentity()).isEqualTo(3352);
    assertThat(message.getData().size()).isEqualTo(60);
    assertThat(message.getLength()).isEqualTo(98);
    assertThat(message.getOrigIp().isEmpty()).isTrue();
    assertThat(Math.abs(message.getUnixNanos() - System.currentTimeMillis() * 1_000_000L))
        .isLessThan(Duration.ofSeconds(5).toNanos());
  }

  private static EventFilter filter(MonitorRequest.Builder request) {
    return EventFilter.of(request.build());
  }

  private static Event view(byte[] bytes) {
    var aligned = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    aligned.put(0, bytes);
    return Event.of(MemorySegment.ofBuffer(aligned));
  }
}
