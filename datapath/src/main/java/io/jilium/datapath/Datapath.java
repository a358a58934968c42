// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.TcAttachments;
import io.jilium.linux.netlink.NetlinkSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The programs and maps of one node. Loading puts programs beside those that run; attaching then
 * replaces them one hook at a time, atomically. So a new process fills and repairs the tables
 * between {@link #load} and the attach calls, while the old programs forward with the same tables.
 *
 * <p>Everything lives in the kernel, pinned below the node's directory: {@code maps/NAME_vLAYOUT}
 * and {@code links/DEVICE-PROGRAM}. {@link #close} leaves it there, {@link #remove} takes it away.
 * Devices are of the network namespace of the thread that calls. Safe for several threads.
 */
public final class Datapath implements AutoCloseable {
  private final MapPins pins;
  private final Attachments attachments;
  private final Tables tables;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private Programs programs;
  private DatapathConfig config;

  private Datapath(
      MapPins pins, Attachments attachments, Programs programs, DatapathConfig config) {
    this.pins = pins;
    this.attachments = attachments;
    this.tables = Tables.of(programs);
    this.programs = programs;
    this.config = config;
  }

  /**
   * Loads all programs with the maps pinned in the directory, making those that are missing.
   *
   * @param directory of the node on a bpffs, such as {@code /sys/fs/bpf/jilium/node-1}
   * @param netlink for kernels without tcx; the caller keeps owning it
   * @throws io.jilium.linux.ebpf.VerifierException if the kernel refuses a program
   */
  public static Datapath load(Path directory, DatapathConfig config, NetlinkSocket netlink) {
    var clsact = new NetlinkClsact(netlink);
    var tc = TcAttachments.of(KernelFeatures.probe(), clsact);
    return load(directory, config, attachments(directory, tc, clsact, netlink));
  }

  /** As {@link #load(Path, DatapathConfig, NetlinkSocket)}, but attaches by clsact anyway. */
  public static Datapath loadForClsact(
      Path directory, DatapathConfig config, NetlinkSocket netlink) {
    var clsact = new NetlinkClsact(netlink);
    var tc = TcAttachments.clsactOnly(clsact);
    return load(directory, config, attachments(directory, tc, clsact, netlink));
  }

  private static Attachments attachments(
      Path directory, TcAttachments tc, NetlinkClsact clsact, NetlinkSocket netlink) {
    return new Attachments(links(directory), tc, clsact, new XdpAttachments(netlink));
  }

  private static Datapath load(Path directory, DatapathConfig config, Attachments attachments) {
    createDirectories(maps(directory));
    createDirectories(links(directory));
    var pins = new MapPins(maps(directory));
    pins.survey();
    var programs = Programs.load(config, pins);
    try {
      return new Datapath(pins, attachments, programs, config);
    } catch (RuntimeException e) {
      programs.close();
      throw e;
    }
  }

  /**
   * Loads the programs anew with the same maps, and replaces atomically those that this process
   * attached. On failure the old ones stay. Sizes of maps do not change here, but maps of services
   * that have grown meanwhile are taken.
   */
  public void reload(DatapathConfig changed) {
    lock.writeLock().lock();
    try {
      if (!changed.sizes().equals(config.sizes())
          || !changed.services().sizes().equals(config.services().sizes())) {
        throw new IllegalArgumentException("map sizes change when the agent starts, not before");
      }
      var old = programs;
      var fresh = Programs.load(changed, pins);
      try {
        attachments.replaceAll(fresh::program);
      } catch (RuntimeException e) {
        putBack(old, e);
        fresh.close();
        throw e;
      }
      programs = fresh;
      config = changed;
      old.close();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void putBack(Programs old, RuntimeException why) {
    try {
      attachments.replaceAll(old::program);
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  /** Attaches to a pod's host-side device: one link, one pin. */
  public void attachPod(String device, int ifindex) {
    attach(Hook.FROM_POD, device, ifindex);
  }

  /** Attaches to an underlay device, both ways. */
  public void attachUnderlay(String device, int ifindex) {
    attach(Hook.FROM_NETDEV, device, ifindex);
    attach(Hook.TO_NETDEV, device, ifindex);
  }

  /**
   * Attaches to an underlay device's XDP hook, where established flows of services that go on to
   * another node need not come to the stack.
   *
   * @throws AccelerationException if the device cannot have it; nothing has changed then
   */
  public void accelerate(String device, int ifindex, XdpMode mode) {
    lock.readLock().lock();
    try {
      attachments.attachXdp(mode, device, ifindex, programs.program(Hook.XDP_NETDEV));
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Undoes {@link #accelerate}, whoever did it; false if nothing was attached. */
  public boolean decelerate(String device) {
    return attachments.detach(Hook.XDP_NETDEV, device);
  }

  /** Attaches to cilium_host. */
  public void attachHost(String device, int ifindex) {
    attach(Hook.FROM_HOST, device, ifindex);
  }

  /** Attaches to cilium_vxlan. */
  public void attachOverlay(String device, int ifindex) {
    attach(Hook.FROM_OVERLAY, device, ifindex);
  }

  private void attach(Hook hook, String device, int ifindex) {
    lock.readLock().lock();
    try {
      attachments.attach(hook, device, ifindex, programs.program(hook));
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Whether our program runs at a hook of a device now, whoever attached it. */
  public boolean isAttached(Hook hook, String device, int ifindex) {
    return attachments.isAttached(hook, device, ifindex);
  }

  /** Devices that our programs are or were attached to, as far as this process or a pin knows. */
  public Set<String> attachedDevices() {
    return attachments.devices();
  }

  /** Detaches our programs from a device; false if there were none. */
  public boolean detach(String device) {
    lock.readLock().lock();
    try {
      boolean any = false;
      for (var hook : Hook.values()) {
        any |= attachments.detach(hook, device);
      }
      return any;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Detaches from every device that is not named; returns the pins or devices concerned. */
  public List<String> retain(Set<String> devices) {
    lock.writeLock().lock();
    try {
      return attachments.retain(devices);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Ends a change of layouts or sizes: to be called when tables are filled and every device is
   * attached. Takes over what the old programs still wrote into maps of another size, and removes
   * pins of older layouts. What only agents add to was whole when its map was made: what is in the
   * old one only has been removed since.
   *
   * @return a sentence for each thing done
   */
  public List<String> settle() {
    var done = new ArrayList<String>();
    for (var map : DatapathMap.values()) {
      for (var pin : pins.resized(map)) {
        try (var old = KernelMap.open(pin);
            var current = handle(map)) {
          int copied = map.grows() ? 0 : MapCopy.missing(map, old, current);
          done.add("took " + copied + " more entries over from " + pin + ", and removed it");
        }
        KernelMap.unpin(pin);
      }
    }
    pins.removeOlder().forEach(pin -> done.add("removed map pin " + pin + " of an older layout"));
    return done;
  }

  /** The program of a hook, for test runs; it lives until the next reload. */
  Program program(Hook hook) {
    return programs.program(hook);
  }

  /** Handles of the maps of services, which the caller closes. */
  ServiceMaps services() {
    lock.readLock().lock();
    try {
      return ServiceMaps.of(programs);
    } finally {
      lock.readLock().unlock();
    }
  }

  private KernelMap handle(DatapathMap map) {
    lock.readLock().lock();
    try {
      return programs.map(map);
    } finally {
      lock.readLock().unlock();
    }
  }

  public FlowMap flows() {
    return tables.flows();
  }

  public EndpointMap endpoints() {
    return tables.endpoints();
  }

  public IpcacheMap ipcache() {
    return tables.ipcache();
  }

  public DeviceMap devices() {
    return tables.devices();
  }

  public FragmentMap fragments() {
    return tables.fragments();
  }

  public RuntimeMap runtime() {
    return tables.runtime();
  }

  /** What services tell the programs of their changes. */
  public ServiceChanges serviceChanges() {
    return tables.serviceChanges();
  }

  /** Whether the next packet of a flow goes by the decision that its entry has, but for its age. */
  public boolean isCurrent(FlowKey key, FlowEntry entry) {
    int epoch = tables.runtime().epoch();
    boolean asks =
        config().services().perPacket()
            && (entry.action() != FlowAction.POD || entry.has(FlowFlag.REWRITE_DST));
    if (!asks || epoch == 0) {
      return entry.epoch() == epoch;
    }
    int sum = epoch + tables.serviceChanges().of(key);
    return entry.epoch() == (sum != 0 ? sum : 1);
  }

  public MetricsMap metrics() {
    return tables.metrics();
  }

  public Counters counters() {
    return tables.counters();
  }

  /** A reader of the programs' events, which the caller closes. There should be one at a time. */
  public EventReader events() {
    return new EventReader(tables.events());
  }

  /** Sentences about pins that were found at start and are not used. */
  public List<String> notices() {
    return pins.notices();
  }

  /** How programs are attached, as status says it: {@code TCX} or {@code Legacy TC}. */
  public String attachMode() {
    return switch (attachments.kind()) {
      case TCX -> "TCX";
      case CLSACT -> "Legacy TC";
    };
  }

  /** What each program costs. */
  public List<ProgramReport> programs() {
    lock.readLock().lock();
    try {
      return programs.reports();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** How long it took to load all programs. */
  public Duration loadTime() {
    lock.readLock().lock();
    try {
      return programs.loadTime();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** The configuration that the programs were loaded with. */
  public DatapathConfig config() {
    lock.readLock().lock();
    try {
      return config;
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Releases the handles; programs, maps and pins stay and go on working. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      tables.close();
      programs.close();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Takes everything of a node away: links, filters, map pins, and its directory unless it holds
   * something else.
   *
   * @param netlink of the node's network namespace
   */
  public static void remove(Path directory, NetlinkSocket netlink) {
    var clsact = new NetlinkClsact(netlink);
    clsact.removeAll();
    attachments(directory, TcAttachments.clsactOnly(clsact), clsact, netlink).retain(Set.of());
    new MapPins(maps(directory)).removeAll();
    for (var path : List.of(links(directory), maps(directory), directory)) {
      removeIfEmpty(path);
    }
  }

  private static Path maps(Path directory) {
    return directory.resolve("maps");
  }

  private static Path links(Path directory) {
    return directory.resolve("links");
  }

  private static void createDirectories(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException("create " + path, e);
    }
  }

  private static void removeIfEmpty(Path path) {
    try {
      if (Files.isDirectory(path)) {
        try (var files = Files.list(path)) {
          if (files.findAny().isPresent()) {
            return;
          }
        }
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + path, e);
    }
  }
}
