// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** One verb at a time for each attachment; different ones do not wait for each other. */
final class AttachmentLocks {
  /** Held until closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private static final class Counted {
    private final ReentrantLock lock = new ReentrantLock();
    private int users;
  }

  private final Map<Attachment, Counted> locks = new HashMap<>();

  /** Empty when another verb holds it for longer than that. */
  Optional<Held> hold(Attachment attachment, Duration patience) throws InterruptedException {
    Counted counted;
    synchronized (locks) {
      counted = locks.computeIfAbsent(attachment, _ -> new Counted());
      counted.users++;
    }
    boolean held = false;
    try {
      held = counted.lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!held) {
        leave(attachment, counted);
      }
    }
    return held
        ? Optional.of(() -> {
          counted.lock.unlock();
          leave(attachment, counted);
        })
        : Optional.empty();
  }

  private void leave(Attachment attachment, Counted counted) {
    synchronized (locks) {
      if (--counted.users == 0) {
        locks.remove(attachment);
      }
    }
  }
}
