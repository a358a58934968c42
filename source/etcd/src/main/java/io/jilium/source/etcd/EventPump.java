// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.ClusterEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the events of all watchers to the listener: in order, on one thread, what has gathered at
 * once.
 */
final class EventPump implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventPump.class);

  private final BlockingQueue<ClusterEvent> queue = new LinkedBlockingQueue<>();
  private final Thread thread;

  EventPump(Consumer<List<ClusterEvent>> listener) {
    this.thread = Thread.ofVirtual().name("etcd-events").start(() -> run(listener));
  }

  void add(ClusterEvent event) {
    queue.add(event);
  }

  private void run(Consumer<List<ClusterEvent>> listener) {
    while (true) {
      List<ClusterEvent> batch = new ArrayList<>();
      try {
        batch.add(queue.take());
      } catch (InterruptedException _) {
        return;
      }
      queue.drainTo(batch);
      try {
        listener.accept(batch);
      } catch (RuntimeException e) {
        LOG.error("a listener failed on {} cluster events", batch.size(), e);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
