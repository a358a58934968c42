// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.Link;
import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.TcAttachment;
import io.jilium.linux.ebpf.TcAttachments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Which of our programs runs where. A link outlives the process by its pin, named after device and
 * hook; what others attached to a device is never touched.
 */
final class Attachments {
  private final Path directory;
  private final TcAttachments tc;
  private final NetlinkClsact clsact;
  private final XdpAttachments xdp;

  /** What this process attached; a filter of clsact has no pin to find it by. */
  private final Map<Place, Integer> attached = new ConcurrentHashMap<>();

  Attachments(Path directory, TcAttachments tc, NetlinkClsact clsact, XdpAttachments xdp) {
    this.directory = directory;
    this.tc = tc;
    this.clsact = clsact;
    this.xdp = xdp;
  }

  private record Place(String device, Hook hook) {
    /** bpffs reserves names with a dot, and no device's name has a colon. */
    String pinName() {
      return device.replace('.', ':') + "-" + hook.program();
    }
  }

  TcAttachment.Kind kind() {
    return tc.kind();
  }

  /** Attaches, or replaces our program atomically. */
  void attach(Hook hook, String device, int ifindex, Program program) {
    var place = new Place(device, hook);
    tc.ensure(ifindex, hook.place(), program, pin(place)).close();
    attached.put(place, ifindex);
  }

  /**
   * Attaches a program of XDP, or replaces ours atomically.
   *
   * @throws AccelerationException if the device cannot have it
   */
  void attachXdp(XdpMode mode, String device, int ifindex, Program program) {
    var place = new Place(device, Hook.XDP_NETDEV);
    xdp.ensure(device, ifindex, mode, program, pin(place));
    attached.put(place, ifindex);
  }

  /** Puts other programs wherever this process attached one. */
  void replaceAll(Function<Hook, Program> programs) {
    new LinkedHashMap<>(attached)
        .forEach((place, ifindex) -> {
          if (!isAttached(place, ifindex)) {
            return;
          }
          if (place.hook().isXdp()) {
            XdpAttachments.replace(programs.apply(place.hook()), pin(place));
          } else {
            attach(place.hook(), place.device(), ifindex, programs.apply(place.hook()));
          }
        });
  }

  /** Whether a program of ours runs there now. */
  boolean isAttached(Hook hook, String device, int ifindex) {
    return isAttached(new Place(device, hook), ifindex);
  }

  /** Devices that this process attached to, or that a pin names. */
  Set<String> devices() {
    var devices = new TreeSet<String>();
    attached.keySet().forEach(place -> devices.add(place.device()));
    pins().forEach(pin -> device(pin).ifPresent(devices::add));
    return devices;
  }

  private boolean isAttached(Place place, int ifindex) {
    if (place.hook().isXdp()) {
      return XdpAttachments.isAttached(ifindex, pin(place));
    }
    var found = tc.find(ifindex, place.hook().place(), pin(place));
    found.ifPresent(TcAttachment::close);
    return found.isPresent();
  }

  /** Detaches a device's hook; false if nothing was attached. */
  boolean detach(Hook hook, String device) {
    var place = new Place(device, hook);
    var ifindex = attached.remove(place);
    if (hook.isXdp()) {
      return removePin(pin(place));
    }
    if (ifindex != null) {
      return tc.remove(ifindex, hook.place(), pin(place));
    }
    return removePin(pin(place)) || (usesFilters() && clsact.remove(device));
  }

  private boolean usesFilters() {
    return tc.kind() == TcAttachment.Kind.CLSACT;
  }

  /**
   * Detaches everything from devices that are not named, also what another process attached;
   * returns the pins, places or devices with filters that went.
   */
  List<String> retain(Set<String> devices) {
    var removed = new ArrayList<String>();
    for (var place : List.copyOf(attached.keySet())) {
      if (!devices.contains(place.device()) && detach(place.hook(), place.device())) {
        removed.add(place.pinName());
      }
    }
    for (var pin : pins()) {
      boolean gone = device(pin).filter(device -> !devices.contains(device)).isPresent();
      if (gone && removePin(pin)) {
        removed.add(pin.getFileName().toString());
      }
    }
    if (usesFilters()) {
      removed.addAll(clsact.retain(devices));
    }
    return removed;
  }

  /** The device of a pin; empty if the pin is not of our making. */
  private static Optional<String> device(Path pin) {
    var name = pin.getFileName().toString();
    for (var hook : Hook.values()) {
      var suffix = "-" + hook.program();
      if (name.endsWith(suffix)) {
        return Optional.of(name.substring(0, name.length() - suffix.length()).replace(':', '.'));
      }
    }
    return Optional.empty();
  }

  private static boolean removePin(Path pin) {
    var link = Link.find(pin);
    link.ifPresent(Attachments::detach);
    return Link.unpin(pin);
  }

  private static void detach(Link link) {
    try (link) {
      link.detach();
    }
  }

  List<Path> pins() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("list " + directory, e);
    }
  }

  private Path pin(Place place) {
    return directory.resolve(place.pinName());
  }
}
