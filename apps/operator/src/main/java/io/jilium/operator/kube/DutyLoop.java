// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import io.jilium.core.source.Backoff;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.ResourceWatcher;
import io.jilium.source.kube.ResourceWatcher.Subject;
import io.jilium.source.kube.Troubles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that keeps the tables and does the duties of a term. A duty that fails is tried again
 * after longer and longer pauses, and keeps no other from being done.
 */
final class DutyLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DutyLoop.class);
  private static final Duration TICK = Duration.ofMillis(250);

  private static final class Entry {
    private final Duty duty;
    private final Backoff backoff = new Backoff();
    private long seen = -1;
    private long due = System.nanoTime();
    private boolean retry;

    Entry(Duty duty) {
      this.duty = duty;
    }

    long version() {
      return duty.inputs().stream().mapToLong(Table::version).sum();
    }

    boolean isDue(long now) {
      return duty.inputs().stream().allMatch(Table::isSynced)
          && (now - due >= 0 || (!retry && version() != seen));
    }
  }

  private final KubeApi api;
  private final Troubles troubles;
  private final BlockingQueue<Runnable> changes;
  private final Writer writer;
  private final List<Entry> entries;
  private final List<ResourceWatcher> watchers = new CopyOnWriteArrayList<>();
  private final Runnable prepare;
  private final Thread thread = Thread.ofVirtual().name("duties").unstarted(this::run);
  private volatile boolean closed;

  private DutyLoop(
      KubeApi api,
      Troubles troubles,
      Changes changes,
      Writer writer,
      List<Duty> duties,
      Runnable prepare) {
    this.api = api;
    this.troubles = troubles;
    this.changes = changes.queue;
    this.writer = writer;
    this.entries = duties.stream().map(Entry::new).toList();
    this.prepare = prepare;
  }

  /** What watchers want to be done on the loop's thread. */
  static final class Changes implements Executor {
    private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();

    @Override
    public void execute(Runnable change) {
      queue.add(change);
    }
  }

  /**
   * Starts the work of a term.
   *
   * @param prepare done first, and tried again until it succeeds
   */
  static DutyLoop start(
      KubeApi api,
      Troubles troubles,
      Changes changes,
      Writer writer,
      List<Duty> duties,
      Runnable prepare) {
    var loop = new DutyLoop(api, troubles, changes, writer, duties, prepare);
    loop.thread.start();
    return loop;
  }

  private void watch() {
    Set<Table<?>> tables = new LinkedHashSet<>();
    entries.forEach(entry -> tables.addAll(entry.duty.inputs()));
    for (Table<?> table : tables) {
      watchers.add(ResourceWatcher.start(api, Subject.all(table.resource()), table, troubles));
    }
  }

  private void run() {
    try {
      if (prepared()) {
        watch();
        while (!closed) {
          apply();
          for (Entry entry : entries) {
            work(entry);
          }
        }
      }
    } catch (InterruptedException _) {
      LOG.debug("duties end");
    } catch (Term.Over e) {
      LOG.info("{}", e.getMessage());
    }
  }

  private boolean prepared() throws InterruptedException {
    var backoff = new Backoff();
    String said = "";
    while (!closed) {
      try {
        prepare.run();
        return true;
      } catch (KubeException e) {
        String sentence = String.valueOf(e.getMessage());
        if (!sentence.equals(said)) {
          said = sentence;
          LOG.warn("before the operator can work: {}", sentence);
        }
        Thread.sleep(backoff.next());
      }
    }
    return false;
  }

  private void apply() throws InterruptedException {
    Runnable first = changes.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      return;
    }
    List<Runnable> batch = new ArrayList<>(List.of(first));
    changes.drainTo(batch);
    for (Runnable change : batch) {
      try {
        change.run();
      } catch (RuntimeException e) {
        LOG.warn("an object is skipped: {}", e.getMessage());
      }
    }
  }

  private void work(Entry entry) {
    long now = System.nanoTime();
    if (closed || !entry.isDue(now)) {
      return;
    }
    boolean again = true;
    entry.seen = entry.version();
    try {
      entry.duty.work();
      again = writer.takeFailed();
    } catch (KubeException e) {
      LOG.debug("{}: {}", entry.duty.name(), e.getMessage());
    } catch (Term.Over e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("{}", entry.duty.name(), e);
    }
    entry.retry = again;
    if (again) {
      entry.due = System.nanoTime() + entry.backoff.next().toNanos();
    } else {
      entry.backoff.reset();
      entry.due = System.nanoTime() + entry.duty.period().toNanos();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    watchers.forEach(ResourceWatcher::close);
  }
}
