// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.source;

import io.jilium.core.model.ClusterEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Brings the events of all watchers to the listener: in order, on the thread that runs it, what has
 * gathered at once.
 */
public final class EventPump implements Runnable {
  private static final System.Logger LOG = System.getLogger(EventPump.class.getName());

  private final BlockingQueue<ClusterEvent> queue = new LinkedBlockingQueue<>();
  private final Consumer<List<ClusterEvent>> listener;

  public EventPump(Consumer<List<ClusterEvent>> listener) {
    this.listener = listener;
  }

  /** Any thread. */
  public void add(ClusterEvent event) {
    queue.add(event);
  }

  /** Returns when its thread is interrupted. */
  @Override
  public void run() {
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
        LOG.log(
            System.Logger.Level.ERROR,
            "a listener failed on " + batch.size() + " cluster events",
            e);
      }
    }
  }
}
