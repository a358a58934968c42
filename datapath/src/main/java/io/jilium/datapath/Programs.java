// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.BpfObject;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.LoadedObject;
import io.jilium.linux.ebpf.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** One load of all programs with one configuration, and the shared maps that it uses. */
final class Programs implements AutoCloseable {
  private static final List<String> SETTINGS = List.of("cfg_", "svc_");

  private final Map<String, LoadedObject> objects = new LinkedHashMap<>();
  private final EnumMap<DatapathMap, KernelMap> maps = new EnumMap<>(DatapathMap.class);
  private final EnumMap<DatapathMap, Path> replaced = new EnumMap<>(DatapathMap.class);
  private Duration loadTime = Duration.ZERO;

  private Programs() {}

  /**
   * What to load and how.
   *
   * @param variables each setting as it lies in memory
   */
  record Plan(List<String> objects, Map<String, byte[]> variables, Sizing sizing) {
    /** The objects of packet hooks. */
    static Plan of(DatapathConfig config) {
      var objects = Arrays.stream(Hook.values()).map(Hook::object).distinct().toList();
      return new Plan(objects, config.variables(), sized(config));
    }
  }

  private static Sizing sized(DatapathConfig config) {
    var services = config.services().sizes();
    return new Sizing() {
      @Override
      public int entries(DatapathMap map) {
        int own = config.sizes().of(map);
        return own != 0 ? own : services.of(map);
      }

      @Override
      public int valueBytes(DatapathMap map) {
        return services.valueBytes(map);
      }
    };
  }

  /** How large maps are. */
  interface Sizing {
    /** The most entries; 0 when the object says it. */
    int entries(DatapathMap map);

    /** The bytes of a value; 0 when the object says it. */
    default int valueBytes(DatapathMap map) {
      return 0;
    }
  }

  /** Loads every object of packet hooks. */
  static Programs load(DatapathConfig config, MapPins pins) {
    return load(Plan.of(config), pins);
  }

  /** Loads every object; on failure nothing of it remains but maps that were not there before. */
  static Programs load(Plan plan, MapPins pins) {
    var programs = new Programs();
    long start = System.nanoTime();
    try {
      for (var name : plan.objects()) {
        programs.add(name, plan, pins);
      }
    } catch (RuntimeException e) {
      programs.restorePins(pins);
      programs.close();
      throw e;
    }
    programs.loadTime = Duration.ofNanos(System.nanoTime() - start);
    return programs;
  }

  /** The content of an object file that was built with this module. */
  static BpfObject open(String name) {
    var resource = "/bpf/" + name + ".bpf.o";
    try (var stream = Programs.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("the build lacks the eBPF object " + resource);
      }
      return BpfObject.open(name + ".bpf.o", stream.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("read " + resource, e);
    }
  }

  private void add(String name, Plan plan, MapPins pins) {
    try (var object = open(name)) {
      configure(object, plan);
      for (var map : object.maps()) {
        var known = DatapathMap.named(map);
        if (known.isPresent()) {
          reuse(object, known.get(), plan.sizing(), pins);
        }
      }
      var loaded = object.load();
      objects.put(name, loaded);
      for (var map : loaded.maps()) {
        var known = DatapathMap.named(map);
        if (known.isPresent() && !maps.containsKey(known.get())) {
          adopt(known.get(), loaded.map(map), pins);
        }
      }
    }
  }

  /** A setting that only one side knows is a build that does not fit together. */
  private static void configure(BpfObject object, Plan plan) {
    var variables = plan.variables();
    var unknown = new TreeSet<String>();
    for (var variable : object.btf().variables()) {
      if (isSetting(variable.name()) && !variables.containsKey(variable.name())) {
        unknown.add(variable.name());
      }
    }
    for (var variable : variables.entrySet()) {
      if (object.hasVariable(variable.getKey())) {
        object.setBytes(variable.getKey(), variable.getValue());
      } else {
        unknown.add(variable.getKey());
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalStateException(
          object + " and this version do not both know the settings " + unknown);
    }
  }

  private static boolean isSetting(String variable) {
    return SETTINGS.stream().anyMatch(variable::startsWith);
  }

  private void reuse(BpfObject object, DatapathMap map, Sizing sizing, MapPins pins) {
    var declaration = object.map(map.mapName());
    if (sizing.entries(map) != 0) {
      declaration.maxEntries(sizing.entries(map));
    }
    if (sizing.valueBytes(map) != 0) {
      declaration.valueSize(sizing.valueBytes(map));
    }
    var declared = declaration.info();
    var known = maps.get(map);
    if (known != null) {
      declaration.reuse(known);
      return;
    }
    var pinned = pins.find(map, declared);
    if (pinned.isPresent()) {
      if (fits(map, pinned.get().info().maxEntries(), declared.maxEntries())) {
        maps.put(map, pinned.get());
        declaration.reuse(pinned.get());
      } else {
        pinned.get().close();
      }
    }
  }

  /** What has grown in use stays as large. */
  private static boolean fits(DatapathMap map, int actual, int declared) {
    return actual == declared || (map.grows() && actual > declared);
  }

  /** A map that load has just made: it takes over from one of another size, and is pinned. */
  private void adopt(DatapathMap map, KernelMap created, MapPins pins) {
    var own = KernelMap.ofId(created.info().id());
    maps.put(map, own);
    var old = pins.find(map, created.info());
    if (old.isPresent()) {
      try (var previous = old.get()) {
        MapCopy.missing(map, previous, own);
        MapCopy.memory(map, previous, own);
      }
    }
    pins.pin(map, own).ifPresent(before -> replaced.put(map, before));
  }

  /** Has the maps pinned again whose place maps of another size took when this was loaded. */
  void restorePins(MapPins pins) {
    replaced.forEach(pins::restore);
    replaced.clear();
  }

  /** Removes the pins of the maps that grew when this was loaded: no program uses those more. */
  void settleGrown() {
    replaced.forEach((map, before) -> {
      if (map.grows()) {
        KernelMap.unpin(before);
      }
    });
    replaced.keySet().removeIf(DatapathMap::grows);
  }

  /** The program of a hook; this object keeps it. */
  Program program(Hook hook) {
    return Objects.requireNonNull(objects.get(hook.object())).program(hook.program());
  }

  /** A program by the name of its object and its own; this object keeps it. */
  Program program(String object, String program) {
    return Objects.requireNonNull(objects.get(object)).program(program);
  }

  /** A handle of a shared map, which the caller closes. */
  KernelMap map(DatapathMap map) {
    var found = maps.get(map);
    if (found == null) {
      throw new IllegalStateException("no object declares the map " + map.mapName());
    }
    return KernelMap.ofId(found.info().id());
  }

  /** What each program costs. */
  List<ProgramReport> reports() {
    return Arrays.stream(Hook.values())
        .map(hook -> ProgramReport.of(hook, program(hook).info()))
        .toList();
  }

  Duration loadTime() {
    return loadTime;
  }

  @Override
  public void close() {
    objects.values().forEach(LoadedObject::close);
    maps.values().forEach(KernelMap::close);
  }
}
