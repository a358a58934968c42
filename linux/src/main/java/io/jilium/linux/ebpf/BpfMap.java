// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A map whose keys and values are records. Missing and present keys are results, not failures. For
 * a per-CPU map the value layout is {@link MapLayout#perCpu}.
 *
 * <p>Whole-map operations use batches where kernel and map type have them, and single calls else.
 */
public final class BpfMap<K, V> implements AutoCloseable {
  private final KernelMap map;
  private final MapLayout<K> keys;
  private final MapLayout<V> values;

  private BpfMap(KernelMap map, MapLayout<K> keys, MapLayout<V> values) {
    this.map = map;
    this.keys = keys;
    this.values = values;
  }

  /** Takes ownership of {@code map}; refuses layouts that differ in size from the map's. */
  public static <K, V> BpfMap<K, V> of(KernelMap map, MapLayout<K> keys, MapLayout<V> values) {
    var info = map.info();
    if (keys.byteSize() != info.keySize() || values.byteSize() != info.transferSize()) {
      throw new IllegalArgumentException(
          "map %s has keys of %d and values of %d bytes, the layouts have %d and %d"
              .formatted(
                  info.name(),
                  info.keySize(),
                  info.transferSize(),
                  keys.byteSize(),
                  values.byteSize()));
    }
    return new BpfMap<>(map, keys, values);
  }

  /** The map pinned at a path. */
  public static <K, V> BpfMap<K, V> open(Path pin, MapLayout<K> keys, MapLayout<V> values) {
    var map = KernelMap.open(pin);
    try {
      return of(map, keys, values);
    } catch (IllegalArgumentException e) {
      map.close();
      throw e;
    }
  }

  public KernelMap kernelMap() {
    return map;
  }

  public MapInfo info() {
    return map.info();
  }

  public Optional<V> lookup(K key) {
    try (var arena = Arena.ofConfined()) {
      var value = allocate(arena, values);
      long result = map.lookup(arena, keySegment(arena, key), value);
      return found(result, "look up " + key + " in")
          ? Optional.of(values.read(value))
          : Optional.empty();
    }
  }

  /** Adds the key or replaces its value. */
  public void put(K key, V value) {
    long result = update(key, value, KernelMap.ANY);
    if (result < 0) {
      throw map.updateFailure(result, key);
    }
  }

  /** Adds the key; false if it is there already. */
  public boolean insert(K key, V value) {
    long result = update(key, value, KernelMap.NOEXIST);
    if (result < 0 && result != -Errno.EEXIST.number()) {
      throw map.updateFailure(result, key);
    }
    return result == 0;
  }

  /** Replaces the key's value; false if there is no such key. */
  public boolean replace(K key, V value) {
    long result = update(key, value, KernelMap.EXIST);
    if (result < 0 && result != -Errno.ENOENT.number()) {
      throw map.updateFailure(result, key);
    }
    return result == 0;
  }

  /** False if there was no such key. */
  public boolean delete(K key) {
    try (var arena = Arena.ofConfined()) {
      return found(map.delete(arena, keySegment(arena, key)), "delete " + key + " from");
    }
  }

  /** Takes the key out and returns its value; in two steps where the kernel has no single one. */
  public Optional<V> lookupAndDelete(K key) {
    try (var arena = Arena.ofConfined()) {
      var keySegment = keySegment(arena, key);
      var value = allocate(arena, values);
      long result = map.lookupAndDelete(arena, keySegment, value);
      if (MapBatch.unsupported(result)) {
        result = map.lookup(arena, keySegment, value);
        if (result == 0) {
          result = map.delete(arena, keySegment);
        }
      }
      return found(result, "take " + key + " from")
          ? Optional.of(values.read(value))
          : Optional.empty();
    }
  }

  /**
   * Visits every entry once. Entries that come or go meanwhile may or may not be seen; the visitor
   * may change the map.
   */
  public void forEach(BiConsumer<K, V> visitor) {
    MapScan.scan(map, (key, value) -> visitor.accept(keys.read(key), values.read(value)));
  }

  /** All entries, in the kernel's order. */
  public Map<K, V> entries() {
    var entries = new LinkedHashMap<K, V>();
    forEach(entries::put);
    return entries;
  }

  /** {@link #put} for many. On failure the entries before the failing one are in. */
  public void putAll(Map<K, V> entries) {
    new MapBatch<>(map, keys, values).putAll(entries);
  }

  /** {@link #delete} for many; returns how many were there. */
  public int deleteAll(Collection<K> doomed) {
    return new MapBatch<>(map, keys, values).deleteAll(doomed);
  }

  @Override
  public void close() {
    map.close();
  }

  @Override
  public String toString() {
    return map.toString();
  }

  private long update(K key, V value, long flags) {
    try (var arena = Arena.ofConfined()) {
      var segment = allocate(arena, values);
      values.write(segment, value);
      return map.update(arena, keySegment(arena, key), segment, flags);
    }
  }

  private boolean found(long result, String verb) {
    if (result < 0 && result != -Errno.ENOENT.number()) {
      throw map.failure(verb, result);
    }
    return result >= 0;
  }

  private MemorySegment keySegment(Arena arena, K key) {
    var segment = allocate(arena, keys);
    keys.write(segment, key);
    return segment;
  }

  private static MemorySegment allocate(Arena arena, MapLayout<?> layout) {
    return arena.allocate(layout.byteSize(), 8);
  }
}
