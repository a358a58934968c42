// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Visits all entries of a map. Hash maps are read in batches of whole buckets, which no concurrent
 * change disturbs. Elsewhere (and before 5.6) the kernel finds a next key, and begins again at the
 * first when the previous one has vanished: keys are then gathered first, each once, and a restart
 * only costs time.
 */
final class MapScan {
  private static final int FIRST_CHUNK = 1024;
  private static final int MAX_CHUNK_BYTES = 64 << 20;
  private static final int MAX_RESTARTS = 1000;

  private final KernelMap map;
  private final long keySize;
  private final long valueSize;
  private final Visitor visitor;

  private MapScan(KernelMap map, Visitor visitor) {
    this.map = map;
    this.keySize = map.info().keySize();
    this.valueSize = map.info().transferSize();
    this.visitor = visitor;
  }

  @FunctionalInterface
  interface Visitor {
    void visit(MemorySegment key, MemorySegment value);
  }

  static void scan(KernelMap map, Visitor visitor) {
    var scan = new MapScan(map, visitor);
    boolean bucketwise =
        switch (map.info().type()) {
          case HASH, LRU_HASH, PERCPU_HASH, LRU_PERCPU_HASH -> true;
          default -> false;
        };
    if (!bucketwise || !scan.inBatches()) {
      scan.keyByKey();
    }
  }

  /** Returns false if the kernel has no batches; then nothing was visited. */
  private boolean inBatches() {
    try (var cursors = Arena.ofConfined()) {
      var in = cursors.allocate(Math.max(8, keySize), 8);
      var out = cursors.allocate(Math.max(8, keySize), 8);
      boolean first = true;
      int count = Math.min(FIRST_CHUNK, Math.max(16, map.info().maxEntries()));
      while (true) {
        try (var arena = Arena.ofConfined()) {
          var keys = arena.allocate(keySize * count, 8);
          var values = arena.allocate(valueSize * count, 8);
          var attributes = map.batch(arena, keys, values, count);
          attributes.set(JAVA_LONG, 0, first ? 0 : in.address());
          attributes.set(JAVA_LONG, 8, out.address());
          long result = Bpf.tryCall(Bpf.MAP_LOOKUP_BATCH, attributes);
          if (first && MapBatch.unsupported(result)) {
            return false;
          }
          if (result == -Errno.ENOSPC.number() && count * valueSize < MAX_CHUNK_BYTES) {
            count *= 2; // one bucket holds more than the buffer
            continue;
          }
          boolean last = result == -Errno.ENOENT.number();
          if (result < 0 && !last) {
            throw map.failure("read", result);
          }
          visit(keys, values, attributes.get(JAVA_INT, 32));
          if (last) {
            return true;
          }
          in.copyFrom(out);
          first = false;
        }
      }
    }
  }

  private void visit(MemorySegment keys, MemorySegment values, int count) {
    for (int i = 0; i < count; i++) {
      visitor.visit(keys.asSlice(i * keySize, keySize), values.asSlice(i * valueSize, valueSize));
    }
  }

  private void keyByKey() {
    var seen = gatherKeys();
    try (var buffers = Arena.ofConfined()) {
      var key = buffers.allocate(keySize, 8);
      var value = buffers.allocate(valueSize, 8);
      for (var bytes : seen) {
        key.copyFrom(MemorySegment.ofBuffer(bytes));
        try (var arena = Arena.ofConfined()) {
          long result = map.lookup(arena, key, value);
          if (result == 0) {
            visitor.visit(key, value);
          } else if (result != -Errno.ENOENT.number()) {
            throw map.failure("read", result);
          }
        }
      }
    }
  }

  private Set<ByteBuffer> gatherKeys() {
    var seen = new LinkedHashSet<ByteBuffer>();
    int restarts = 0;
    try (var buffers = Arena.ofConfined()) {
      var key = buffers.allocate(Math.max(1, keySize), 8);
      var next = buffers.allocate(Math.max(1, keySize), 8);
      boolean first = true;
      boolean known = false;
      while (true) {
        try (var arena = Arena.ofConfined()) {
          long result = map.nextKey(arena, first ? MemorySegment.NULL : key, next);
          if (result == -Errno.ENOENT.number()) {
            return seen;
          }
          if (result < 0) {
            throw map.failure("iterate", result);
          }
        }
        first = false;
        key.copyFrom(next);
        boolean fresh = seen.add(ByteBuffer.wrap(key.toArray(ValueLayout.JAVA_BYTE)));
        if (!fresh && !known && ++restarts > MAX_RESTARTS) {
          throw map.failure("iterate quickly changing", -Errno.EAGAIN.number());
        }
        known = !fresh;
      }
    }
  }
}
