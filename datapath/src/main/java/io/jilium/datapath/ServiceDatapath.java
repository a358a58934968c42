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
import java.util.Set;

/**
 * The maps of services and the programs of sockets of one node, beside its {@link Datapath} in the
 * same directory of a bpffs: {@code maps/NAME_vLAYOUT} and {@code links/cgroup-PROGRAM}. They stay
 * when this is closed, and {@link #remove} takes them away. For one thread.
 */
public final class ServiceDatapath implements AutoCloseable {
  private final Path links;
  private final MapPins pins;
  private final Programs programs;
  private final ServiceMaps maps;

  private ServiceDatapath(Path links, MapPins pins, Programs programs) {
    this.links = links;
    this.pins = pins;
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
    var sizes = config.sizes();
    var sizing =
        new Programs.Sizing() {
          @Override
          public int entries(DatapathMap map) {
            return sizes.of(map);
          }

          @Override
          public int valueBytes(DatapathMap map) {
            return sizes.valueBytes(map);
          }
        };
    var plan = new Programs.Plan(List.of(SocketHook.OBJECT), config.variables(), sizing);
    var programs = Programs.load(plan, pins);
    try {
      return new ServiceDatapath(links, pins, programs);
    } catch (RuntimeException e) {
      programs.close();
      throw e;
    }
  }

  /** The maps; this object keeps them. */
  public ServiceMaps maps() {
    return maps;
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
