// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Visits all entries of a map, each once, in batches where the kernel has them.
 *
 * <p>Hash maps are read by whole buckets and arrays by index, which no concurrent change disturbs.
 * Elsewhere (tries, kernels before 5.6) the kernel looks for the key behind the previous one, and
 * begins again at the first key when the previous one has vanished: keys that were seen are then
 * passed over, and a restart only costs time.
 */
final class MapScan {
  private static final int FIRST_CHUNK = 1024;
  private static final int MAX_CHUNK_BYTES = 64 << 20;
  private static final int MAX_RESTARTS = 1000;

  private final KernelMap map;
  private final long keySize;
  private final long valueSize;
  private final Visitor visitor;

  /** Whether the kernel may begin again, so that keys come twice. */
  private final boolean restarts;

  private final Set<ByteBuffer> seen = new HashSet<>();

  private MapScan(KernelMap map, Visitor visitor) {
    this.map = map;
    this.keySize = map.info().keySize();
    this.valueSize = map.info().transferSize();
    this.visitor = visitor;
    this.restarts =
        switch (map.info().type()) {
          case HASH, LRU_HASH, PERCPU_HASH, LRU_PERCPU_HASH, ARRAY, PERCPU_ARRAY -> false;
          default -> true;
        };
  }

  @FunctionalInterface
  interface Visitor {
    void visit(MemorySegment key, MemorySegment value);
  }

  static void scan(KernelMap map, Visitor visitor) {
    var scan = new MapScan(map, visitor);
    boolean ofMaps =
        switch (map.info().type()) {
          case HASH_OF_MAPS, ARRAY_OF_MAPS -> true;
          default -> false;
        };
    if (ofMaps || !scan.inBatches()) {
      scan.keyByKey();
    }
  }

  /** Returns false if the kernel has no batches; then nothing was visited. */
  private boolean inBatches() {
    try (var cursors = Arena.ofConfined()) {
      var in = cursors.allocate(Math.max(8, keySize), 8);
      var out = cursors.allocate(Math.max(8, keySize), 8);
      boolean first = true;
      int stale = 0;
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
          boolean interrupted = result == -Errno.EINTR.number(); // too many keys vanished at once
          if (result < 0 && !last && !interrupted) {
            throw map.failure("read", result);
          }
          int got = attributes.get(JAVA_INT, 32);
          stale = visit(keys, values, got) ? 0 : stale + 1;
          if (last) {
            return true;
          }
          if (stale > MAX_RESTARTS) {
            throw map.failure("read quickly changing", -Errno.EAGAIN.number());
          }
          if (got > 0) {
            in.copyFrom(out);
            first = false;
          }
        }
      }
    }
  }

  /** Returns whether there was anything new. */
  private boolean visit(MemorySegment keys, MemorySegment values, int count) {
    boolean fresh = false;
    for (int i = 0; i < count; i++) {
      var key = keys.asSlice(i * keySize, keySize);
      if (!restarts || seen.add(ByteBuffer.wrap(key.toArray(ValueLayout.JAVA_BYTE)))) {
        visitor.visit(key, values.asSlice(i * valueSize, valueSize));
        fresh = true;
      }
    }
    return fresh;
  }

  private void keyByKey() {
    try (var buffers = Arena.ofConfined()) {
      var key = buffers.allocate(keySize, 8);
      var value = buffers.allocate(valueSize, 8);
      for (var bytes : gatherKeys()) {
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
    var keys = new LinkedHashSet<ByteBuffer>();
    int again = 0;
    try (var buffers = Arena.ofConfined()) {
      var key = buffers.allocate(Math.max(1, keySize), 8);
      var next = buffers.allocate(Math.max(1, keySize), 8);
      boolean first = true;
      boolean known = false;
      while (true) {
        try (var arena = Arena.ofConfined()) {
          long result = map.nextKey(arena, first ? MemorySegment.NULL : key, next);
          if (result == -Errno.ENOENT.number()) {
            return keys;
          }
          if (result < 0) {
            throw map.failure("iterate", result);
          }
        }
        first = false;
        key.copyFrom(next);
        boolean fresh = keys.add(ByteBuffer.wrap(key.toArray(ValueLayout.JAVA_BYTE)));
        if (!fresh && !known && ++again > MAX_RESTARTS) {
          throw map.failure("iterate quickly changing", -Errno.EAGAIN.number());
        }
        known = !fresh;
      }
    }
  }
}
