// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns every table of desired state.
 *
 * <p>Tasks run in the order of their submission. When those that are queued have run, the loops
 * that were triggered meanwhile run once each, in the order of their registration, so that many
 * changes cost one reconciliation; then {@link #settled} completes. A loop that throws is logged
 * once and tried again with a growing delay.
 */
public final class ControlLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  /** A reconciliation that can be triggered from any thread; triggers are coalesced. */
  public final class Loop {
    private final String name;
    private final Runnable body;
    private final Duration period;
    private boolean pending;
    private long dueNanos;
    private Duration retry = FIRST_RETRY;
    private volatile LoopStatus status;

    private Loop(String name, Runnable body, Duration period) {
      this.name = name;
      this.body = body;
      this.period = period;
      this.status = LoopStatus.never(name);
      this.dueNanos = System.nanoTime() + period.toNanos();
    }

    /** Asks for a run soon; any thread. */
    public void trigger() {
      lock.lock();
      try {
        pending = true;
        work.signal();
      } finally {
        lock.unlock();
      }
    }

    public LoopStatus status() {
      return status;
    }

    private void run() {
      try {
        body.run();
        status = status.succeeded(System.currentTimeMillis());
        retry = FIRST_RETRY;
        dueNanos = System.nanoTime() + period.toNanos();
      } catch (RuntimeException e) {
        var message = e.getMessage() == null ? e.toString() : e.getMessage();
        if (!message.equals(status.lastError())) {
          LOG.warn("{}: {}", name, message);
          LOG.debug("{}", name, e);
        }
        status = status.failed(System.currentTimeMillis(), message);
        dueNanos = System.nanoTime() + Math.min(retry.toNanos(), period.toNanos());
        retry =
            retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
      }
    }
  }

  private record Timed(long atNanos, Runnable task) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final List<Loop> loops = new ArrayList<>();
  private final PriorityQueue<Timed> timers =
      new PriorityQueue<>((a, b) -> Long.signum(a.atNanos - b.atNanos));
  private List<Runnable> tasks = new ArrayList<>();
  private List<Runnable> waiting = new ArrayList<>();
  private boolean closed;
  private final Thread thread;

  private ControlLoop() {
    thread = Thread.ofPlatform().name("control").daemon(true).unstarted(this::run);
  }

  public static ControlLoop start() {
    var loop = new ControlLoop();
    loop.thread.start();
    return loop;
  }

  /**
   * Registers a reconciliation; the order of registration is the order of running. It runs when
   * triggered and once per period.
   */
  public Loop register(String name, Duration period, Runnable body) {
    var loop = new Loop(name, body, period);
    lock.lock();
    try {
      loops.add(loop);
      work.signal();
    } finally {
      lock.unlock();
    }
    return loop;
  }

  /**
   * Runs the task on the control thread; the future completes with its result, before the loops
   * that it triggered ran.
   */
  public <T> CompletableFuture<T> submit(Callable<T> task) {
    var result = new CompletableFuture<T>();
    execute(() -> {
      try {
        result.complete(task.call());
      } catch (Exception e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /**
   * As {@link #submit}, but the future completes when the loops that the task triggered have run:
   * the kernel has it.
   */
  public <T> CompletableFuture<T> submitSettled(Callable<T> task) {
    var result = new CompletableFuture<T>();
    execute(() -> {
      try {
        var value = task.call();
        waiting.add(() -> result.complete(value));
      } catch (Exception e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /** Completes after everything submitted so far has run and its loops too. */
  public CompletableFuture<Void> settled() {
    return submitSettled(() -> true).thenAccept(_ -> {});
  }

  public void execute(Runnable task) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the control loop is closed");
      }
      tasks.add(task);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Runs the task on the control thread after the delay. */
  public void after(Duration delay, Runnable task) {
    lock.lock();
    try {
      timers.add(new Timed(System.nanoTime() + delay.toNanos(), task));
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  public boolean isControlThread() {
    return Thread.currentThread().equals(thread);
  }

  public List<LoopStatus> statuses() {
    lock.lock();
    try {
      return loops.stream().map(Loop::status).toList();
    } finally {
      lock.unlock();
    }
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
    while (true) {
      List<Runnable> batch;
      lock.lock();
      try {
        awaitWork();
        batch = tasks;
        tasks = new ArrayList<>();
        addDueTimers(batch);
        if (batch.isEmpty() && closed) {
          return;
        }
      } finally {
        lock.unlock();
      }
      batch.forEach(this::runTask);
      takeDue().forEach(Loop::run);
      if (!isTriggered()) {
        settle();
      }
    }
  }

  private void runTask(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a control task failed", e);
    }
  }

  /**
   * Futures of tasks whose loops have run now. Tasks that came meanwhile are not in the list: it is
   * filled by this thread only.
   */
  private void settle() {
    var done = waiting;
    waiting = new ArrayList<>();
    done.forEach(Runnable::run);
  }

  private void awaitWork() {
    while (tasks.isEmpty() && !closed) {
      long wait = nextDelayNanos();
      if (wait <= 0) {
        return;
      }
      try {
        var _ = work.awaitNanos(wait);
      } catch (InterruptedException e) {
        closed = true;
      }
    }
  }

  private long nextDelayNanos() {
    long now = System.nanoTime();
    long next = Duration.ofHours(1).toNanos();
    for (var loop : loops) {
      next = loop.pending || next <= 0 ? 0 : Math.min(next, loop.dueNanos - now);
    }
    var timer = timers.peek();
    return timer == null ? next : Math.min(next, timer.atNanos - now);
  }

  private void addDueTimers(List<Runnable> batch) {
    long now = System.nanoTime();
    while (!timers.isEmpty() && timers.peek().atNanos - now <= 0) {
      batch.add(timers.remove().task);
    }
  }

  /** Whether a loop has triggered another one meanwhile. */
  private boolean isTriggered() {
    lock.lock();
    try {
      return loops.stream().anyMatch(loop -> loop.pending);
    } finally {
      lock.unlock();
    }
  }

  private List<Loop> takeDue() {
    long now = System.nanoTime();
    var due = new ArrayList<Loop>();
    lock.lock();
    try {
      for (var loop : loops) {
        if (loop.pending || loop.dueNanos - now <= 0) {
          loop.pending = false;
          due.add(loop);
        }
      }
    } finally {
      lock.unlock();
    }
    return due;
  }
}
