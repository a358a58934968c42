// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.util.concurrent.atomic.AtomicBoolean;

/** The owner of one file descriptor. Closing is idempotent; use after closing is refused. */
public final class Fd implements AutoCloseable {
  private final int number;
  private final String description;
  private final LiveResource live;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Fd(int number, String description) {
    this.number = number;
    this.description = description;
    this.live = LiveResource.register("fd " + number + " (" + description + ")");
  }

  /** Takes ownership of a descriptor that a system call or a library returned. */
  public static Fd owning(int number, String description) {
    if (number < 0) {
      throw new IllegalArgumentException("descriptor " + number + " of " + description);
    }
    return new Fd(number, description);
  }

  /** A new descriptor for the open file of one that somebody else owns. */
  public static Fd duplicateOf(int foreign, String description) {
    return Syscalls.fcntlDuplicate(foreign, description);
  }

  public int number() {
    if (closed.get()) {
      throw new IllegalStateException("used after close: " + this);
    }
    return number;
  }

  public String description() {
    return description;
  }

  public boolean isOpen() {
    return !closed.get();
  }

  /** A second descriptor for the same open file; both must be closed. */
  public Fd duplicate() {
    return Syscalls.fcntlDuplicate(number(), description);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      live.unregister();
      Syscalls.close(number);
    }
  }

  @Override
  public String toString() {
    return "fd " + number + " (" + description + ")" + (closed.get() ? ", closed" : "");
  }
}
