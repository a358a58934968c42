// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.Mapping;
import io.jilium.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Reads samples of a BPF_MAP_TYPE_RINGBUF where the kernel wrote them, without copying or
 * allocating. One thread reads; {@link #wake} may come from any.
 *
 * <p>The protocol is that of kernel/bpf/ringbuf.c: positions only grow; the data pages are mapped
 * twice in a row, so that no sample is split; a sample's header has the busy bit until the program
 * submits it, and the discard bit if the program took it back.
 */
public final class RingBuffer implements AutoCloseable {
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;
  private static final int HEADER_BYTES = 8;
  private static final long PAGE = Mapping.pageSize();

  /**
   * Space is given back after so many samples, not after each: it is a store the programs share.
   */
  private static final int RELEASE_EVERY = 64;

  private static final VarHandle POSITION =
      MethodHandles.insertCoordinates(JAVA_LONG.varHandle(), 1, 0L);
  private static final VarHandle HEADER = JAVA_INT.varHandle();

  private final Fd map;
  private final Fd wake;
  private final Mapping consumerPage;
  private final Mapping producerPages;
  private final MemorySegment consumer;
  private final MemorySegment producer;
  private final MemorySegment data;
  private final long mask;
  private final List<Fd> polled;

  private RingBuffer(Fd map, Fd wake, Mapping consumerPage, Mapping producerPages) {
    this.map = map;
    this.wake = wake;
    this.consumerPage = consumerPage;
    this.producerPages = producerPages;
    this.consumer = consumerPage.segment();
    this.producer = producerPages.segment();
    this.data = producer.asSlice(PAGE);
    this.mask = data.byteSize() / 2 - 1;
    this.polled = List.of(map, wake);
  }

  /** Gets each sample; the bytes are valid during the call only. */
  @FunctionalInterface
  public interface Consumer {
    /** The sample begins at {@code offset} of the mapped ring, a multiple of 8. */
    void accept(MemorySegment memory, long offset, int length);
  }

  /** Reads the ring buffer {@code map}, which the caller keeps owning. */
  public static RingBuffer open(KernelMap map) {
    if (map.info().type() != MapType.RINGBUF) {
      throw new IllegalArgumentException(map + " is of type " + map.info().type());
    }
    long size = Integer.toUnsignedLong(map.info().maxEntries());
    var undo = new ArrayDeque<Runnable>();
    try {
      var own = map.fd().duplicate();
      undo.push(own::close);
      var wake = Syscalls.eventfd();
      undo.push(wake::close);
      var consumerPage = Mapping.of(own, 0, PAGE, true);
      undo.push(consumerPage::close);
      var producerPages = Mapping.of(own, PAGE, PAGE + 2 * size, false);
      undo.clear();
      return new RingBuffer(own, wake, consumerPage, producerPages);
    } finally {
      undo.forEach(Runnable::run);
    }
  }

  /**
   * Waits until there are samples, the time is over or {@link #wake} is called, then consumes all
   * that are there. Blocks the OS thread.
   *
   * @return how many samples the consumer got
   */
  public long poll(Duration timeout, Consumer target) {
    long before = consume(target);
    if (before > 0) {
      return before;
    }
    long ready = Syscalls.ppoll(polled, timeout);
    if ((ready & 2) != 0) {
      drainWake();
    }
    return consume(target);
  }

  /** Consumes what is there, without waiting. */
  public long consume(Consumer target) {
    long samples = 0;
    long position = (long) POSITION.get(consumer);
    while (true) {
      long end = (long) POSITION.getAcquire(producer);
      long from = position;
      int sinceRelease = 0;
      while (position < end) {
        long at = position & mask;
        int header = (int) HEADER.getAcquire(data, at);
        if ((header & BUSY) != 0) {
          break;
        }
        int length = header & ~DISCARD;
        position += (length + HEADER_BYTES + 7L) & ~7L;
        if ((header & DISCARD) == 0) {
          samples++;
          accept(target, at + HEADER_BYTES, length, position);
        }
        if (++sinceRelease == RELEASE_EVERY) {
          POSITION.setRelease(consumer, position);
          sinceRelease = 0;
        }
      }
      if (position == from) {
        return samples;
      }
      POSITION.setRelease(consumer, position);
      // The program wakes the reader only if it sees that everything before its sample was read.
      // Either it sees this position, or the next round sees its sample.
      VarHandle.fullFence();
    }
  }

  /** Makes a waiting {@link #poll} return. */
  public void wake() {
    try (var arena = Arena.ofConfined()) {
      Syscalls.write(wake, arena.allocateFrom(JAVA_LONG, 1));
    }
  }

  /** Bytes written and not yet read, busy samples included. */
  public long backlog() {
    return (long) POSITION.getAcquire(producer) - (long) POSITION.get(consumer);
  }

  /** Bytes of the ring. */
  public long capacity() {
    return mask + 1;
  }

  @Override
  public void close() {
    producerPages.close();
    consumerPage.close();
    wake.close();
    map.close();
  }

  /** A sample that its consumer chokes on is not given to it again. */
  private void accept(Consumer target, long offset, int length, long next) {
    try {
      target.accept(data, offset, length);
    } catch (RuntimeException | Error e) {
      POSITION.setRelease(consumer, next);
      throw e;
    }
  }

  private void drainWake() {
    try (var arena = Arena.ofConfined()) {
      long result = Syscalls.tryRead(wake, arena.allocate(JAVA_LONG));
      if (result < 0 && result != -Errno.EAGAIN.number()) {
        Syscalls.check(result, "read " + wake);
      }
    }
  }
}
