// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.RingBuffer;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Reads what the programs tell, where the kernel wrote it. One thread polls; nothing is allocated
 * per event unless the consumer does. Whoever else reads the same ring takes events away.
 */
public final class EventReader implements AutoCloseable {
  private final RingBuffer ring;
  private final Event view = new Event();

  /** The caller keeps owning the map. */
  public EventReader(KernelMap events) {
    this.ring = RingBuffer.open(events);
  }

  /**
   * Waits until there are many events, the time is over or {@link #wake} is called, and hands over
   * all that are there. A few events wake nobody, so the time is how late they may come. The event
   * is valid inside the call only.
   *
   * @return how many there were
   */
  public long poll(Duration timeout, Consumer<Event> consumer) {
    return ring.poll(timeout, (memory, offset, length) -> hand(memory, offset, length, consumer));
  }

  /** Hands over what is there, without waiting. */
  public long consume(Consumer<Event> consumer) {
    return ring.consume((memory, offset, length) -> hand(memory, offset, length, consumer));
  }

  private void hand(MemorySegment memory, long offset, int length, Consumer<Event> consumer) {
    view.move(memory, offset, length);
    consumer.accept(view);
  }

  /** Makes a waiting {@link #poll} return; from any thread. */
  public void wake() {
    ring.wake();
  }

  /** How full the ring is, from 0 to 1. */
  public double fill() {
    return (double) ring.backlog() / ring.capacity();
  }

  @Override
  public void close() {
    ring.close();
  }
}
