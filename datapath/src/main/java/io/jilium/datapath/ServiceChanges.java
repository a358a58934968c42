// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.sys.Mapping;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;

/**
 * {@code struct changes} of {@code abi/runtime.h}: a counter for each address, and for each port of
 * nodes, several of which share one. Counting makes the decisions stale that depend on what changed
 * there, and of the others those that share a counter by chance. For several threads.
 */
public final class ServiceChanges implements AutoCloseable {
  private static final int BITS = 12;
  private static final int SCATTER = 0x9e3779b1;

  /** The struct as C lays it out. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          MemoryLayout.sequenceLayout(1 << BITS, Struct.U32).withName("counters"));

  private static final VarHandle COUNTER = ValueLayout.JAVA_INT.arrayElementVarHandle();

  private final KernelMap map;
  private final Mapping mapping;

  /** Takes ownership of the map. */
  ServiceChanges(KernelMap map) {
    this.map = map;
    this.mapping = map.mmap(true);
  }

  /** To be called when the tables have changed. */
  public void count(Collection<FrontendKey> changed) {
    changed.stream()
        .mapToInt(ServiceChanges::counter)
        .distinct()
        .forEach(at -> COUNTER.getAndAdd(mapping.segment(), 0L, (long) at, 1));
  }

  /** What decisions about packets to this destination add to the epoch. */
  int of(FlowKey key) {
    return get(ofAddress(key.destination())) + get(ofPort(key.destinationPort()));
  }

  private int get(int at) {
    return (int) COUNTER.getVolatile(mapping.segment(), 0L, (long) at);
  }

  /** The port of every node has its own; whatever else is of its address. */
  private static int counter(FrontendKey key) {
    return key.address().isUnspecified() ? ofPort(key.port()) : ofAddress(key.address());
  }

  /** The words as they lie in memory. */
  private static int ofAddress(IpAddress address) {
    var words = ByteBuffer.wrap(address.mappedBytes()).order(ByteOrder.nativeOrder());
    int all = 0;
    while (words.hasRemaining()) {
      all ^= words.getInt();
    }
    return scatter(all);
  }

  /** As it lies in memory, in network order. */
  private static int ofPort(int port) {
    var bytes = ByteBuffer.allocate(Short.BYTES).putShort(0, (short) port);
    return scatter(bytes.order(ByteOrder.nativeOrder()).getShort(0) & 0xffff);
  }

  private static int scatter(int word) {
    return (word * SCATTER) >>> (Integer.SIZE - BITS);
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    mapping.close();
    map.close();
  }
}
