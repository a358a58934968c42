// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The programs and maps of an object file in the kernel; it owns them all. After {@link #close}
 * remains what is pinned, linked or used by something that remains.
 */
public final class LoadedObject implements AutoCloseable {
  private final String name;
  private final Map<String, Program> programs = new LinkedHashMap<>();
  private final Map<String, KernelMap> maps = new LinkedHashMap<>();

  LoadedObject(String name) {
    this.name = name;
  }

  void add(String program, Program loaded) {
    programs.put(program, loaded);
  }

  void add(String map, KernelMap loaded) {
    maps.put(map, loaded);
  }

  public List<String> programs() {
    return List.copyOf(programs.keySet());
  }

  public List<String> maps() {
    return List.copyOf(maps.keySet());
  }

  /** A loaded program; this object keeps it. */
  public Program program(String program) {
    var found = programs.get(program);
    if (found == null) {
      throw new IllegalArgumentException(
          this + " has no loaded program " + program + "; it has " + programs.keySet());
    }
    return found;
  }

  /** A map; this object keeps it. */
  public KernelMap map(String map) {
    var found = maps.get(map);
    if (found == null) {
      throw new IllegalArgumentException(this + " has no map " + map + "; it has " + maps.keySet());
    }
    return found;
  }

  /** A map with records of its own descriptor, which the caller closes. */
  public <K, V> BpfMap<K, V> map(String map, MapLayout<K> keys, MapLayout<V> values) {
    var own = new KernelMap(map(map).fd().duplicate());
    try {
      return BpfMap.of(own, keys, values);
    } catch (IllegalArgumentException e) {
      own.close();
      throw e;
    }
  }

  @Override
  public void close() {
    programs.values().forEach(Program::close);
    maps.values().forEach(KernelMap::close);
  }

  @Override
  public String toString() {
    return "loaded eBPF object " + name;
  }
}
