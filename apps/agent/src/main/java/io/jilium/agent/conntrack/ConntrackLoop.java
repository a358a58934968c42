// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.conntrack;

import io.jilium.core.model.IpAddress;
import io.jilium.datapath.CollectionInterval;
import io.jilium.datapath.ConntrackCollector;
import io.jilium.datapath.ConntrackTimeouts;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.Jiffies;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes connections that are over, in an interval that follows how many there are, and at once
 * those of addresses whose owner is gone: scrubs that come while one runs are done together by the
 * next.
 */
public final class ConntrackLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConntrackLoop.class);

  /** How long idle connections are kept. */
  public static final ConntrackTimeouts TIMEOUTS = ConntrackTimeouts.DEFAULT;

  private final ConntrackCollector collector;
  private final ConntrackTimeouts timeouts;
  private final Supplier<Jiffies> clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Thread thread;
  private Set<IpAddress> scrubs = new HashSet<>();
  private CompletableFuture<Void> scrubbed = new CompletableFuture<>();
  private boolean closed;
  private volatile ConntrackFigures figures = ConntrackFigures.NONE;

  private ConntrackLoop(
      ConntrackCollector collector, ConntrackTimeouts timeouts, Supplier<Jiffies> clock) {
    this.collector = collector;
    this.timeouts = timeouts;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("conntrack").daemon(true).unstarted(this::run);
  }

  public static ConntrackLoop start(Datapath datapath, Supplier<Jiffies> clock) {
    var collector =
        new ConntrackCollector(
            datapath.flows(), datapath.endpoints(), () -> datapath.config().devices().host());
    var loop = new ConntrackLoop(collector, TIMEOUTS, clock);
    loop.thread.start();
    return loop;
  }

  /** Deletes every connection of these addresses; completes when that is done. */
  public CompletableFuture<Void> scrub(Collection<IpAddress> addresses) {
    lock.lock();
    try {
      scrubs.addAll(addresses);
      work.signal();
      return scrubbed;
    } finally {
      lock.unlock();
    }
  }

  public ConntrackFigures figures() {
    return figures;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    var interval = CollectionInterval.FIRST;
    long next = System.nanoTime() + interval.toNanos();
    while (true) {
      Set<IpAddress> addresses;
      CompletableFuture<Void> done;
      lock.lock();
      try {
        await(next);
        if (closed) {
          return;
        }
        addresses = scrubs;
        done = scrubbed;
        scrubs = new HashSet<>();
        scrubbed = addresses.isEmpty() ? done : new CompletableFuture<>();
      } finally {
        lock.unlock();
      }
      if (!addresses.isEmpty()) {
        scrub(addresses, done);
      }
      if (System.nanoTime() - next >= 0) {
        interval = collect(interval);
        next = System.nanoTime() + interval.toNanos();
      }
    }
  }

  private void await(long next) {
    while (scrubs.isEmpty() && !closed) {
      long left = next - System.nanoTime();
      if (left <= 0) {
        return;
      }
      try {
        var _ = work.awaitNanos(left);
      } catch (InterruptedException e) {
        closed = true;
      }
    }
  }

  private void scrub(Set<IpAddress> addresses, CompletableFuture<Void> done) {
    try {
      collector.scrub(addresses);
      done.complete(null);
    } catch (RuntimeException e) {
      LOG.warn("delete the connections of {} addresses: {}", addresses.size(), e.getMessage());
      done.completeExceptionally(e);
    }
  }

  private Duration collect(Duration interval) {
    var before = figures;
    long start = System.nanoTime();
    try {
      var run = collector.collect(timeouts, clock.get());
      var took = Duration.ofNanos(System.nanoTime() - start);
      LOG.debug("conntrack: {} of {} entries deleted in {}", run.deleted(), run.seen(), took);
      var next = CollectionInterval.next(interval, run.deletedRatio());
      figures =
          new ConntrackFigures(
              before.runs() + 1,
              before.failures(),
              run.seen() - run.deleted(),
              before.deleted() + run.deleted(),
              took,
              next);
      return next;
    } catch (RuntimeException e) {
      LOG.warn("collect conntrack: {}", e.getMessage());
      figures =
          new ConntrackFigures(
              before.runs(),
              before.failures() + 1,
              before.alive(),
              before.deleted(),
              before.duration(),
              interval);
      return interval;
    }
  }
}
