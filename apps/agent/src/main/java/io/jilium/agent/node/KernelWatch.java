// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.linux.netlink.NetlinkEvent;
import io.jilium.linux.netlink.Subscription;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what others change in the node's network namespace, so that it is repaired at once and not
 * in the next round.
 */
public final class KernelWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelWatch.class);
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final Subscription subscription;
  private final Consumer<List<NetlinkEvent>> listener;
  private final Thread thread;
  private volatile boolean closed;

  private KernelWatch(Consumer<List<NetlinkEvent>> listener) {
    this.subscription = Subscription.open(EnumSet.allOf(Subscription.Topic.class));
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("kernel-watch").daemon(true).unstarted(this::run);
  }

  /** Events are told on the watch's own thread. */
  public static KernelWatch start(Consumer<List<NetlinkEvent>> listener) {
    var watch = new KernelWatch(listener);
    watch.thread.start();
    return watch;
  }

  @Override
  public void close() {
    closed = true;
    subscription.close();
  }

  private void run() {
    while (!closed) {
      try {
        var events = subscription.await(TIMEOUT);
        if (!events.isEmpty() && !closed) {
          listener.accept(events);
        }
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        LOG.warn("watching the kernel: {}", e.getMessage());
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
