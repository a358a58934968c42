// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.BpfMap;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapFullException;
import io.jilium.linux.ebpf.MapLayout;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A table of the datapath as the agent sees it. What is in the kernel is the truth: reads go there,
 * so that {@link #entries} can be compared with what should be.
 */
public abstract sealed class TypedMap<K, V> implements AutoCloseable
    permits FlowMap,
        EndpointMap,
        IpcacheMap,
        DeviceMap,
        FragmentMap,
        FrontendMap,
        MaglevMap,
        MemberMap,
        AffinityMap,
        SourceRangeMap,
        NodeAddressMap,
        SocketFlowMap {
  private final DatapathMap name;
  private final BpfMap<K, V> map;

  /** Takes ownership of the map. */
  TypedMap(DatapathMap name, KernelMap map, MapLayout<K> keys, MapLayout<V> values) {
    this.name = name;
    this.map = BpfMap.of(map, keys, values);
  }

  /** All entries, read in batches. */
  public Map<K, V> entries() {
    return map.entries();
  }

  /** Visits all entries without keeping them. */
  public void forEach(BiConsumer<K, V> visitor) {
    map.forEach(visitor);
  }

  /** The entry of a key. */
  public Optional<V> lookup(K key) {
    return map.lookup(key);
  }

  /** Adds or replaces. */
  public void put(K key, V value) {
    try {
      map.put(key, value);
    } catch (MapFullException e) {
      throw new MapFull(name, e);
    }
  }

  /** Adds or replaces many; on failure those before the failing one are in. */
  public void putAll(Map<K, V> entries) {
    try {
      map.putAll(entries);
    } catch (MapFullException e) {
      throw new MapFull(name, e);
    }
  }

  /** False if there was no such key. */
  public boolean delete(K key) {
    return map.delete(key);
  }

  /** Deletes many; returns how many were there. */
  public int deleteAll(Collection<K> keys) {
    return map.deleteAll(keys);
  }

  /** The most entries the map holds. */
  public int capacity() {
    return map.info().maxEntries();
  }

  /** The map itself, for what is not said here. */
  public KernelMap kernelMap() {
    return map.kernelMap();
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    map.close();
  }

  @Override
  public String toString() {
    return map.toString();
  }
}
