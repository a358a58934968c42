// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.datapath.Event;
import io.jilium.datapath.EventType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the events of the programs on one thread and shows each to those who listen. While nobody
 * does, events are only counted and thrown away. A listener must be quick and must not block: it
 * runs on the reading thread.
 */
public final class EventMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventMonitor.class);

  /** The programs wake the reader only when the ring fills; between, it looks by itself. */
  private static final Duration WAIT = Duration.ofMillis(20);

  /**
   * How often the ring is emptied while nobody listens: a wake-up for each event would cost more.
   */
  private static final Duration IDLE = Duration.ofMillis(50);

  private final EventSource source;
  private final EventSwitches switches;
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final AtomicLong clientLost = new AtomicLong();
  private final Thread reader;
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private volatile boolean closed;

  private EventMonitor(EventSource source, EventSwitches switches) {
    this.source = source;
    this.switches = switches;
    this.reader = Thread.ofPlatform().name("events").daemon().unstarted(this::read);
  }

  /** Takes ownership of the source and starts to read. */
  public static EventMonitor start(EventSource source, EventSwitches switches) {
    var monitor = new EventMonitor(source, switches);
    monitor.applySwitches();
    monitor.reader.start();
    return monitor;
  }

  /** Who wants to see events. */
  @FunctionalInterface
  public interface Listener {
    /** The event is valid during the call only. */
    void accept(Event event);
  }

  /** Listens from now on until the subscription is closed. */
  public Subscription subscribe(Wishes wishes, Listener listener) {
    var subscription = new Subscription(wishes, listener);
    subscriptions.add(subscription);
    applySwitches();
    source.wake();
    LockSupport.unpark(reader);
    return subscription;
  }

  /**
   * What the programs shall tell while this listener listens.
   *
   * @param debug every step of a packet's handling
   * @param everyPacket not only what is new of a connection
   */
  public record Wishes(boolean debug, boolean everyPacket) {
    /** What they tell anyway. */
    public static final Wishes NONE = new Wishes(false, false);
  }

  /** A listener that listens. */
  public final class Subscription implements AutoCloseable {
    private final Wishes wishes;
    private final Listener listener;

    private Subscription(Wishes wishes, Listener listener) {
      this.wishes = wishes;
      this.listener = listener;
    }

    /** Counts events that the listener had to throw away. */
    public void lost(long count) {
      clientLost.addAndGet(count);
    }

    @Override
    public void close() {
      if (subscriptions.remove(this)) {
        applySwitches();
      }
    }
  }

  /** Events read. */
  public long seen() {
    return seen.get();
  }

  /** Events read that are of no known type. */
  public long unknown() {
    return unknown.get();
  }

  /** Events that the kernel could not put into the ring. */
  public long lost() {
    return switches.lost();
  }

  /** Events that listeners were too slow for. */
  public long clientLost() {
    return clientLost.get();
  }

  public int listeners() {
    return subscriptions.size();
  }

  /** Bytes of the ring. */
  public long capacity() {
    return source.capacity();
  }

  private synchronized void applySwitches() {
    switches.debug(subscriptions.stream().anyMatch(subscription -> subscription.wishes.debug()));
    switches.everyPacket(
        subscriptions.stream().anyMatch(subscription -> subscription.wishes.everyPacket()));
  }

  private void read() {
    while (!closed) {
      if (subscriptions.isEmpty()) {
        source.consume(this::count);
        LockSupport.parkNanos(IDLE.toNanos());
      } else {
        source.poll(WAIT, this::show);
      }
    }
  }

  private void count(Event event) {
    increment(seen);
    if (EventType.of(event.type()).isEmpty()) {
      increment(unknown);
    }
  }

  /** Only the reading thread writes, so no atomic addition is needed. */
  private static void increment(AtomicLong count) {
    count.setRelease(count.getPlain() + 1);
  }

  private void show(Event event) {
    count(event);
    for (Subscription subscription : subscriptions) {
      try {
        subscription.listener.accept(event);
      } catch (RuntimeException e) {
        LOG.warn("a listener to events failed and is dropped", e);
        subscription.close();
      }
    }
  }

  /** Stops reading; the programs go on and fill the ring. */
  @Override
  public void close() {
    closed = true;
    source.wake();
    LockSupport.unpark(reader);
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    subscriptions.clear();
    applySwitches();
    source.close();
  }
}
