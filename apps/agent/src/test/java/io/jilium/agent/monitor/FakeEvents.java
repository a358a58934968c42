// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.datapath.Event;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A ring without a kernel, and the switches that go with it. */
public final class FakeEvents implements EventSource, EventSwitches {
  private static final byte[] WAKE = {};

  private final LinkedBlockingQueue<byte[]> ring = new LinkedBlockingQueue<>();
  private final AtomicLong lost = new AtomicLong();
  private volatile boolean debug;
  private volatile boolean everyPacket;
  private volatile boolean closed;

  /** {@code struct event} with the offsets of abi/event.h. */
  public static byte[] event(int type, int subtype, int endpoint, int dstEndpoint) {
    var bytes = ByteBuffer.allocateDirect(200).order(ByteOrder.nativeOrder());
    bytes.putLong(0, System.nanoTime());
    bytes.put(8, (byte) type).put(9, (byte) subtype).putShort(10, (short) endpoint);
    bytes.putInt(12, 0x1234).putInt(16, 3352).putInt(20, 1);
    bytes.putInt(28, 26).putShort(32, (short) dstEndpoint).putShort(34, (short) 211);
    bytes.put(36, (byte) 1);
    bytes.putInt(40, 7).putInt(44, 8);
    bytes.putInt(64, 3).putShort(68, (short) 98).putShort(70, (short) 60);
    var array = new byte[200];
    bytes.get(0, array);
    return array;
  }

  public void add(byte[] event) {
    ring.add(event);
  }

  public void lose(long count) {
    lost.addAndGet(count);
  }

  public boolean isDebug() {
    return debug;
  }

  public boolean isEveryPacket() {
    return everyPacket;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public long poll(Duration timeout, Consumer<Event> consumer) {
    try {
      byte[] first = ring.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (first == null) {
        return 0;
      }
      hand(first, consumer);
      return 1 + consume(consumer);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public long consume(Consumer<Event> consumer) {
    long count = 0;
    byte[] next;
    while ((next = ring.poll()) != null) {
      hand(next, consumer);
      count++;
    }
    return count;
  }

  private static void hand(byte[] bytes, Consumer<Event> consumer) {
    if (bytes.length > 0) {
      var aligned = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
      aligned.put(0, bytes);
      consumer.accept(Event.of(MemorySegment.ofBuffer(aligned)));
    }
  }

  @Override
  public void wake() {
    ring.add(WAKE);
  }

  @Override
  public long capacity() {
    return 4096;
  }

  @Override
  public void debug(boolean on) {
    debug = on;
  }

  @Override
  public void everyPacket(boolean on) {
    everyPacket = on;
  }

  @Override
  public long lost() {
    return lost.get();
  }

  @Override
  public void close() {
    closed = true;
  }
}
