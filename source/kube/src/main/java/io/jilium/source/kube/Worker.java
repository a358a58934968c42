// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.source.Backoff;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that does what is due when it is woken, and now and then anyway; what failed is tried
 * again, after longer and longer pauses.
 */
final class Worker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final Duration period;
  private final Runnable task;
  private final Consumer<KubeException> failed;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  Worker(String name, Duration period, Runnable task, Consumer<KubeException> failed) {
    this.period = period;
    this.task = task;
    this.failed = failed;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Any thread. */
  void wake() {
    wake.release();
  }

  private void run() {
    var backoff = new Backoff();
    while (!closed) {
      var pause = Duration.ZERO;
      try {
        task.run();
        backoff.reset();
      } catch (KubeException e) {
        pause = backoff.next();
        var asked = e.retryAfter().orElse(Duration.ZERO);
        pause = asked.compareTo(pause) > 0 ? asked : pause;
        failed.accept(e);
      } catch (RuntimeException e) {
        pause = backoff.next();
        LOG.error("{}", thread.getName(), e);
      }
      try {
        // After a failure, requests wait too: they would fail alike.
        if (pause.isZero()) {
          var _ = wake.tryAcquire(period.toMillis(), TimeUnit.MILLISECONDS);
        } else {
          Thread.sleep(pause);
        }
        wake.drainPermits();
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
