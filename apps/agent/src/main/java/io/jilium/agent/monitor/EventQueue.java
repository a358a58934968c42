// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.wire.agent.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Events on their way to one client. When it is full the newest are thrown away and counted, so
 * that who fills it never waits.
 */
public final class EventQueue {
  private static final int CAPACITY = 8192;
  private static final int BATCH = 256;

  private final ArrayBlockingQueue<Event> events = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicLong lost = new AtomicLong();

  /** False when the event was thrown away. */
  public boolean offer(Event event) {
    boolean taken = events.offer(event);
    if (!taken) {
      lost.incrementAndGet();
    }
    return taken;
  }

  /** The next events; none when the time is over. */
  public List<Event> take(Duration timeout) throws InterruptedException {
    var batch = new ArrayList<Event>();
    Event first = events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      batch.add(first);
      events.drainTo(batch, BATCH - 1);
    }
    return batch;
  }

  /** How many were thrown away since the last call. */
  public long takeLost() {
    return lost.getAndSet(0);
  }
}
