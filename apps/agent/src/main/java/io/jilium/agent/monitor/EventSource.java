// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.datapath.Event;
import java.time.Duration;
import java.util.function.Consumer;

/** Where events come from: the ring buffer of the node's programs. One thread reads. */
public interface EventSource extends AutoCloseable {
  /** Waits for events, and hands on all that are there. An event is valid during the call only. */
  long poll(Duration timeout, Consumer<Event> consumer);

  /** Hands on what is there, without waiting. */
  long consume(Consumer<Event> consumer);

  /** Makes a waiting {@link #poll} return. */
  void wake();

  /** Bytes of the ring. */
  long capacity();

  @Override
  void close();
}
