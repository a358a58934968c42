// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.CgroupLink;
import io.jilium.linux.ebpf.Link;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The maps of services and the programs of sockets of one node, beside its {@link Datapath} in the
 * same directory of a bpffs: {@code maps/NAME_vLAYOUT} and {@code links/cgroup-PROGRAM}. They stay
 * when this is closed, and {@link #remove} takes them away. For one thread.
 */
public final class ServiceDatapath implements AutoCloseable {
  private final Path links;
  private final MapPins pins;
  private final ServiceConfig config;
  private Programs programs;
  private ServiceMaps maps;

  private ServiceDatapath(Path links, MapPins pins, ServiceConfig config, Programs programs) {
    this.links = links;
    this.pins = pins;
    this.config = config;
    this.programs = programs;
    this.maps = ServiceMaps.of(programs);
  }

  /**
   * Loads the programs with the maps pinned in the directory, making those that are missing.
   *
   * @param directory of the node on a bpffs
   * @throws io.jilium.linux.ebpf.VerifierException if the kernel refuses a program
   */
  public static ServiceDatapath load(Path directory, ServiceConfig config) {
    var links = createDirectories(directory.resolve("links"));
    var pins = new MapPins(createDirectories(directory.resolve("maps")));
    var programs = Programs.load(plan(config, Map.of()), pins);
    try {
      return new ServiceDatapath(links, pins, config, programs);
    } catch (RuntimeException e) {
      programs.close();
      throw e;
    }
  }

  private static Programs.Plan plan(ServiceConfig config, Map<DatapathMap, Integer> larger) {
    var sizes = config.sizes();
    var sizing =
        new Programs.Sizing() {
          @Override
          public int entries(DatapathMap map) {
            return Math.max(sizes.of(map), larger.getOrDefault(map, 0));
          }

          @Override
          public int valueBytes(DatapathMap map) {
            return sizes.valueBytes(map);
          }
        };
    return new Programs.Plan(List.of(SocketHook.OBJECT), config.variables(), sizing);
  }

  /** The maps, until {@link #enlarge}; this object keeps them. */
  public ServiceMaps maps() {
    return maps;
  }

  /** Handles of the maps as they are now, which the caller closes. */
  public ServiceMaps open() {
    return ServiceMaps.of(programs);
  }

  /**
   * Makes maps larger while programs use them. New maps get all that is in the old ones, and new
   * programs with the new maps take the place of the old programs hook by hook. Until this returns
   * nobody may write to the maps; both generations hold the same then, so that it does not matter
   * which one a packet or connection meets. Where an agent ends in the middle, its successor loads
   * programs with the maps that are pinned, old or new.
   *
   * @param wanted the most entries of maps that {@link DatapathMap#grows grow}; smaller ones than
   *     now change nothing
   * @param packets has the programs of packets loaded anew with the maps that are pinned, or leaves
   *     them as they are and throws
   * @throws io.jilium.linux.sys.LinuxException if the kernel refuses; all is as before then
   */
  public void enlarge(Map<DatapathMap, Integer> wanted, Runnable packets) {
    var fresh = Programs.load(plan(config, wanted), pins);
    try {
      var larger = ServiceMaps.of(fresh);
      try {
        var copied = larger.backends().connections();
        replace(fresh);
        packets.run();
        count(copied, larger.backends());
      } catch (RuntimeException e) {
        larger.close();
        throw e;
      }
      maps.close();
      maps = larger;
    } catch (RuntimeException e) {
      fresh.restorePins(pins);
      putBack(e);
      fresh.close();
      throw e;
    }
    fresh.settleGrown();
    programs.close();
    programs = fresh;
  }

  private void replace(Programs by) {
    for (var hook : attached()) {
      try (var link = Link.open(links.resolve(hook.pinName()))) {
        link.update(by.program(SocketHook.OBJECT, hook.program()));
      }
    }
  }

  private void putBack(RuntimeException why) {
    try {
      replace(programs);
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  /** Adds what programs have counted in the old map since it was copied. */
  private void count(long[] copied, BackendArray larger) {
    if (maps.backends().capacity() == larger.capacity()) {
      return;
    }
    var now = maps.backends().connections();
    for (int id = 0; id < now.length; id++) {
      if (now[id] != copied[id]) {
        larger.addConnections(id, now[id] - copied[id]);
      }
    }
  }

  /**
   * Attaches to all sockets of the processes of a cgroup and those below it, or puts these programs
   * in the place of a former agent's, hook by hook, so that no connection meets neither. Hooks that
   * are not wanted are detached.
   */
  public void attach(Path cgroup, Set<SocketHook> wanted) {
    for (var hook : SocketHook.values()) {
      if (!wanted.contains(hook)) {
        detach(links, hook);
        continue;
      }
      var pin = links.resolve(hook.pinName());
      var program = programs.program(SocketHook.OBJECT, hook.program());
      var known = Link.find(pin);
      if (known.isPresent()) {
        try (var link = known.get()) {
          link.update(program);
        }
      } else {
        try (var link = CgroupLink.attach(cgroup, hook.type(), program)) {
          link.pin(pin);
        }
      }
    }
  }

  /** Takes the programs away from sockets; the maps stay. */
  public void detach() {
    detach(links);
  }

  private static void detach(Path links) {
    for (var hook : SocketHook.values()) {
      detach(links, hook);
    }
  }

  private static void detach(Path links, SocketHook hook) {
    var pin = links.resolve(hook.pinName());
    Link.find(pin)
        .ifPresent(link -> {
          try (link) {
            link.detach();
          }
        });
    Link.unpin(pin);
  }

  /** The hooks at which programs of this node are attached. */
  public List<SocketHook> attached() {
    var attached = new ArrayList<SocketHook>();
    for (var hook : SocketHook.values()) {
      if (Files.exists(links.resolve(hook.pinName()))) {
        attached.add(hook);
      }
    }
    return attached;
  }

  /** Sentences about pins that were found at start and are not used. */
  public List<String> notices() {
    return pins.notices();
  }

  /** How long it took to load all programs. */
  public Duration loadTime() {
    return programs.loadTime();
  }

  /** Releases the handles; programs, maps and pins stay and go on working. */
  @Override
  public void close() {
    maps.close();
    programs.close();
  }

  /** Takes the programs of a node away from sockets; its maps go with {@link Datapath#remove}. */
  public static void remove(Path directory) {
    detach(directory.resolve("links"));
  }

  private static Path createDirectories(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + path, e);
    }
  }
}
