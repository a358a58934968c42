// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.etcd;

import io.jilium.source.etcd.Condition;
import io.jilium.source.etcd.Etcd;
import io.jilium.source.etcd.EtcdException;
import io.jilium.source.etcd.KeyValue;
import io.jilium.source.etcd.Layout;
import io.jilium.source.etcd.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one operator lead. The leader's name stands under a lease in one key. Every write of the
 * leader carries the condition that this very key still stands, so a leader that does not know yet
 * that it was replaced changes nothing.
 */
final class LeaderElection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

  private final Etcd etcd;
  private final String name;
  private final Duration lease;
  private final Function<Condition, AutoCloseable> duties;
  private final Thread thread = Thread.ofVirtual().name("leader-election").unstarted(this::run);
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile boolean answered;

  /**
   * @param duties starts the leader's work under the condition; closed at once when leadership is
   *     lost
   */
  LeaderElection(
      Etcd etcd, String name, Duration lease, Function<Condition, AutoCloseable> duties) {
    this.etcd = etcd;
    this.name = name;
    this.lease = lease;
    this.duties = duties;
  }

  void start() {
    thread.start();
  }

  boolean isLeading() {
    return leading;
  }

  /** Whether etcd answered the last question. */
  boolean isHealthy() {
    return answered;
  }

  private void run() {
    while (!closed) {
      try {
        campaign();
        answered = true;
        pause(Duration.ofSeconds(1));
      } catch (EtcdException e) {
        answered = false;
        LOG.warn("leader election: {}", e.getMessage());
        pause(Duration.ofSeconds(1));
      } catch (RuntimeException e) {
        LOG.error("leader election", e);
        pause(Duration.ofSeconds(1));
      }
    }
  }

  private void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException _) {
      closed = true;
    }
  }

  private void campaign() {
    if (etcd.get(Layout.OPERATOR_LEADER).isPresent()) {
      return;
    }
    long granted = System.nanoTime();
    long id = etcd.grant(lease);
    try {
      if (!etcd.commit(
          List.of(new Condition.Absent(Layout.OPERATOR_LEADER)),
          List.of(new Write.Put(Layout.OPERATOR_LEADER, name, id)))) {
        return;
      }
      Optional<KeyValue> own = etcd.get(Layout.OPERATOR_LEADER).filter(kv -> kv.lease() == id);
      if (own.isPresent()) {
        lead(
            id,
            granted,
            new Condition.CreatedAt(Layout.OPERATOR_LEADER, own.get().createRevision()));
      }
    } finally {
      resign(id);
    }
  }

  private void lead(long id, long granted, Condition term) {
    LOG.info("{} leads", name);
    leading = true;
    AutoCloseable work = duties.apply(term);
    try {
      keep(id, granted, term);
    } finally {
      leading = false;
      LOG.info("{} leads no more", name);
      try {
        work.close();
      } catch (Exception e) {
        LOG.error("stopping the leader's work", e);
      }
    }
  }

  /** Returns when leadership is lost, or may be lost before etcd answers again. */
  private void keep(long id, long granted, Condition term) {
    long confirmed = granted;
    while (!closed) {
      pause(lease.dividedBy(6));
      long asked = System.nanoTime();
      try {
        if (!etcd.keepAlive(id) || !etcd.commit(List.of(term), List.of())) {
          return;
        }
        confirmed = asked;
        answered = true;
      } catch (EtcdException e) {
        answered = false;
        if (System.nanoTime() - confirmed > lease.toNanos() * 2 / 3) {
          LOG.warn("etcd does not confirm leadership: {}", e.getMessage());
          return;
        }
      }
    }
  }

  /** Lets the next one lead at once. */
  private void resign(long id) {
    boolean interrupted = Thread.interrupted();
    try {
      etcd.revoke(id);
    } catch (EtcdException e) {
      LOG.debug("resigning: {}", e.getMessage());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
