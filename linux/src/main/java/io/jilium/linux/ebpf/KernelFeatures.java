// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Sockets;
import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What the running kernel can do, found by trying, not by its version. {@code bpftool feature
 * probe} shows as much. Ask once and keep the answer.
 */
public final class KernelFeatures {
  private static final int SCHED_CLS = ProgramType.SCHED_CLS.number();

  private static final int SOCK_ADDR = ProgramType.CGROUP_SOCK_ADDR.number();

  private final Set<KernelFeature> present;

  private KernelFeatures(Set<KernelFeature> present) {
    this.present = present;
  }

  public static KernelFeatures probe() {
    Map<KernelFeature, BooleanSupplier> probes = new EnumMap<>(KernelFeature.class);
    probes.put(KernelFeature.RING_BUFFER, KernelFeatures::ringBuffer);
    probes.put(KernelFeature.MAP_BATCH, KernelFeatures::mapBatch);
    probes.put(KernelFeature.REDIRECT_NEIGH, () -> Libbpf.hasHelper(SCHED_CLS, 152));
    probes.put(KernelFeature.REDIRECT_PEER, () -> Libbpf.hasHelper(SCHED_CLS, 155));
    probes.put(KernelFeature.CHECK_MTU, () -> Libbpf.hasHelper(SCHED_CLS, 163));
    probes.put(KernelFeature.HASH_LOOKUP_AND_DELETE, KernelFeatures::hashLookupAndDelete);
    probes.put(KernelFeature.NETNS_COOKIE, KernelFeatures::netnsCookie);
    probes.put(KernelFeature.TIMER, () -> Libbpf.hasHelper(SCHED_CLS, 169));
    probes.put(KernelFeature.VERIFIED_INSTRUCTIONS, () -> !KernelVersion.current().isBefore(5, 16));
    probes.put(KernelFeature.LOOP, () -> Libbpf.hasHelper(SCHED_CLS, 181));
    probes.put(KernelFeature.SET_RETVAL, () -> Libbpf.hasHelper(SOCK_ADDR, 187));
    probes.put(KernelFeature.TCX, KernelFeatures::tcx);
    var present = EnumSet.noneOf(KernelFeature.class);
    probes.forEach((feature, probe) -> {
      if (probe.getAsBoolean()) {
        present.add(feature);
      }
    });
    return new KernelFeatures(present);
  }

  public boolean has(KernelFeature feature) {
    return present.contains(feature);
  }

  public Set<KernelFeature> present() {
    return Set.copyOf(present);
  }

  /** Throws {@link UnsupportedFeatureException} if the kernel lacks the feature. */
  public void require(KernelFeature feature) {
    if (!has(feature)) {
      throw new UnsupportedFeatureException(feature);
    }
  }

  /**
   * Asks which programs the loopback device has: a kernel without tcx does not know the question.
   */
  static boolean tcx() {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, 1);
      attributes.set(JAVA_INT, 4, AttachType.TCX_INGRESS.number());
      long result = Bpf.tryCall(Bpf.PROG_QUERY, attributes);
      if (result == -Errno.EPERM.number()) {
        throw new LinuxException("probe tcx", Errno.EPERM);
      }
      return result == 0;
    }
  }

  private static boolean ringBuffer() {
    try (var map = KernelMap.create(MapSpec.of(MapType.RINGBUF, "probe", 0, 0, 65536))) {
      return map.info().type() == MapType.RINGBUF;
    } catch (LinuxException e) {
      return refused(e);
    }
  }

  private static boolean mapBatch() {
    try (var arena = Arena.ofConfined();
        var map = KernelMap.create(MapSpec.of(MapType.HASH, "probe", 4, 4, 1))) {
      var attributes = map.batch(arena, arena.allocate(8), arena.allocate(8), 1);
      attributes.set(JAVA_LONG, 8, arena.allocate(8).address());
      return !MapBatch.unsupported(Bpf.tryCall(Bpf.MAP_LOOKUP_BATCH, attributes));
    }
  }

  private static boolean hashLookupAndDelete() {
    try (var arena = Arena.ofConfined();
        var map = KernelMap.create(MapSpec.of(MapType.HASH, "probe", 4, 4, 1))) {
      return !MapBatch.unsupported(
          map.lookupAndDelete(arena, arena.allocate(8), arena.allocate(8)));
    }
  }

  private static boolean netnsCookie() {
    try (var socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0)) {
      return Sockets.netnsCookie(socket) != 0;
    } catch (LinuxException e) {
      return false;
    }
  }

  private static boolean refused(LinuxException e) {
    if (e.is(Errno.EPERM)) {
      throw e;
    }
    return false;
  }
}
