// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.datapath.Event;
import io.jilium.datapath.EventReader;
import java.time.Duration;
import java.util.function.Consumer;

/** The ring buffer of the node's programs as a source of events. */
public final class RingEvents implements EventSource {
  private final EventReader reader;
  private final long capacity;

  /**
   * Takes ownership of the reader.
   *
   * @param capacity bytes of the ring
   */
  public RingEvents(EventReader reader, long capacity) {
    this.reader = reader;
    this.capacity = capacity;
  }

  @Override
  public long poll(Duration timeout, Consumer<Event> consumer) {
    return reader.poll(timeout, consumer);
  }

  @Override
  public long consume(Consumer<Event> consumer) {
    return reader.consume(consumer);
  }

  @Override
  public void wake() {
    reader.wake();
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public void close() {
    reader.close();
  }
}
