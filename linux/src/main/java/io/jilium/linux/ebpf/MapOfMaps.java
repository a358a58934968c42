// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.util.Optional;

/** A map whose values are maps. Programs see the inner map at once; user space gets its id. */
public final class MapOfMaps<K> implements AutoCloseable {
  private final BpfMap<K, Integer> map;

  private MapOfMaps(BpfMap<K, Integer> map) {
    this.map = map;
  }

  /** Takes ownership of {@code map}. */
  public static <K> MapOfMaps<K> of(KernelMap map, MapLayout<K> keys) {
    return new MapOfMaps<>(BpfMap.of(map, keys, MapLayout.U32));
  }

  /** Sets the inner map of a key atomically. The kernel keeps it; the caller may close its own. */
  public void put(K key, KernelMap inner) {
    map.put(key, inner.fd().number());
  }

  /** The id of the key's inner map. */
  public Optional<Integer> lookupId(K key) {
    return map.lookup(key);
  }

  /** The key's inner map; the caller closes it. */
  public Optional<KernelMap> lookup(K key) {
    return lookupId(key).map(KernelMap::ofId);
  }

  public boolean delete(K key) {
    return map.delete(key);
  }

  public KernelMap kernelMap() {
    return map.kernelMap();
  }

  @Override
  public void close() {
    map.close();
  }
}
