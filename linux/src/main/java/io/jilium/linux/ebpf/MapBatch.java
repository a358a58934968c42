// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.jilium.linux.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Updates and deletes many entries with few system calls. A batch stops at the first entry that
 * fails; that entry is then done alone, which gives its precise failure, and the batch goes on
 * behind it. Where the kernel has no batches for the map, every entry is done alone.
 */
final class MapBatch<K, V> {
  private static final int CHUNK = 4096;

  private final KernelMap map;
  private final MapLayout<K> keys;
  private final MapLayout<V> values;
  private boolean supported = true;

  MapBatch(KernelMap map, MapLayout<K> keys, MapLayout<V> values) {
    this.map = map;
    this.keys = keys;
    this.values = values;
  }

  /** Whether the kernel has no such command for this type of map; EINVAL before 5.6. */
  static boolean unsupported(long result) {
    return result == -Errno.ENOTSUPP.number()
        || result == -Errno.EOPNOTSUPP.number()
        || result == -Errno.EINVAL.number();
  }

  void putAll(Map<K, V> entries) {
    var list = List.copyOf(entries.entrySet());
    for (int from = 0; from < list.size(); from += CHUNK) {
      putChunk(list.subList(from, Math.min(from + CHUNK, list.size())));
    }
  }

  int deleteAll(Collection<K> doomed) {
    var list = List.copyOf(doomed);
    int deleted = 0;
    for (int from = 0; from < list.size(); from += CHUNK) {
      deleted += deleteChunk(list.subList(from, Math.min(from + CHUNK, list.size())));
    }
    return deleted;
  }

  private void putChunk(List<Map.Entry<K, V>> entries) {
    try (var arena = Arena.ofConfined()) {
      var keySegment = arena.allocate(keys.byteSize() * entries.size(), 8);
      var valueSegment = arena.allocate(values.byteSize() * entries.size(), 8);
      for (int i = 0; i < entries.size(); i++) {
        keys.write(slice(keySegment, keys, i), entries.get(i).getKey());
        values.write(slice(valueSegment, values, i), entries.get(i).getValue());
      }
      int done = 0;
      while (done < entries.size()) {
        done += batch(arena, Bpf.MAP_UPDATE_BATCH, keySegment, valueSegment, done, entries.size());
        if (done < entries.size()) {
          long result =
              map.update(
                  arena,
                  slice(keySegment, keys, done),
                  slice(valueSegment, values, done),
                  KernelMap.ANY);
          if (result < 0) {
            throw map.updateFailure(result, entries.get(done).getKey());
          }
          done++;
        }
      }
    }
  }

  private int deleteChunk(List<K> doomed) {
    try (var arena = Arena.ofConfined()) {
      var keySegment = arena.allocate(keys.byteSize() * doomed.size(), 8);
      for (int i = 0; i < doomed.size(); i++) {
        keys.write(slice(keySegment, keys, i), doomed.get(i));
      }
      int done = 0;
      int deleted = 0;
      while (done < doomed.size()) {
        int batched =
            batch(arena, Bpf.MAP_DELETE_BATCH, keySegment, MemorySegment.NULL, done, doomed.size());
        done += batched;
        deleted += batched;
        if (done < doomed.size()) {
          long result = map.delete(arena, slice(keySegment, keys, done));
          if (result < 0 && result != -Errno.ENOENT.number()) {
            throw map.failure("delete " + doomed.get(done) + " from", result);
          }
          deleted += result == 0 ? 1 : 0;
          done++;
        }
      }
      return deleted;
    }
  }

  /** Runs a batch over the entries from {@code from} on; returns how many were done. */
  private int batch(
      Arena arena,
      int command,
      MemorySegment keySegment,
      MemorySegment valueSegment,
      int from,
      int to) {
    if (!supported) {
      return 0;
    }
    var valuesFrom =
        valueSegment.byteSize() == 0
            ? valueSegment
            : valueSegment.asSlice(from * values.byteSize());
    var attributes =
        map.batch(arena, keySegment.asSlice(from * keys.byteSize()), valuesFrom, to - from);
    long result = Bpf.tryCall(command, attributes);
    if (unsupported(result)) {
      supported = false;
      return 0;
    }
    if (result == -Errno.EFAULT.number() || result == -Errno.EPERM.number()) {
      return 0; // refused before anything was done: the count is still the one that went in
    }
    return attributes.get(JAVA_INT, 32);
  }

  private static MemorySegment slice(MemorySegment segment, MapLayout<?> layout, int index) {
    return segment.asSlice(index * layout.byteSize(), layout.byteSize());
  }
}
