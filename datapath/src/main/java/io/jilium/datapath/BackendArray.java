// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.sys.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * Backends by id, in memory shared with the programs. A backend is there when it has a port, which
 * is written last and taken away first.
 */
public final class BackendArray implements AutoCloseable {
  private static final long BYTES = BackendEntry.LAYOUT.byteSize();
  private static final VarHandle PORT = Struct.field(BackendEntry.LAYOUT, "port");
  private static final VarHandle CONNECTIONS = Struct.field(BackendEntry.LAYOUT, "connections");
  private static final VarHandle STATE = Struct.field(BackendEntry.LAYOUT, "state");

  private final KernelMap map;
  private final Mapping mapping;

  /** Takes ownership of the map. */
  public BackendArray(KernelMap map) {
    this.map = map;
    this.mapping = map.mmap(true);
  }

  private MemorySegment at(int id) {
    return mapping.segment().asSlice(id * BYTES, BYTES);
  }

  /** The backend with this id. */
  public Optional<BackendEntry> get(int id) {
    if (id < 0 || id >= capacity()) {
      return Optional.empty();
    }
    var entry = BackendEntry.read(at(id));
    return entry.port() == 0 ? Optional.empty() : Optional.of(entry);
  }

  /** Writes a backend that no set names yet; its count begins at 0. */
  public void put(int id, BackendEntry entry) {
    var segment = at(id);
    new BackendEntry(entry.address(), 0, entry.protocol(), entry.state(), 0).write(segment);
    VarHandle.releaseFence();
    PORT.setVolatile(segment, 0L, (short) entry.port());
  }

  /** Changes what becomes of its connections. */
  public void state(int id, int state) {
    STATE.setVolatile(at(id), 0L, (byte) state);
  }

  /** Takes a backend away that no set names any more. */
  public void remove(int id) {
    PORT.setVolatile(at(id), 0L, (short) 0);
  }

  /** How many connections each id was given, whatever backend it had. */
  long[] connections() {
    var counts = new long[capacity()];
    for (int id = 0; id < counts.length; id++) {
      counts[id] = (long) CONNECTIONS.getVolatile(at(id), 0L);
    }
    return counts;
  }

  /** Adds connections, while programs count. */
  void addConnections(int id, long count) {
    CONNECTIONS.getAndAdd(at(id), 0L, count);
  }

  /** One more than the highest id. */
  public int capacity() {
    return map.info().maxEntries();
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    mapping.close();
    map.close();
  }
}
