// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The owner of one map in the kernel. It knows bytes only; {@link BpfMap} gives it records. The map
 * itself lives as long as a pin, a program or a descriptor refers to it.
 */
public final class KernelMap implements AutoCloseable {
  /** Flags of an update: any, only new keys, only existing keys. */
  static final long ANY = 0;

  static final long NOEXIST = 1;
  static final long EXIST = 2;

  private final Fd fd;
  private final MapInfo info;

  KernelMap(Fd fd) {
    this.fd = fd;
    try (var arena = Arena.ofConfined()) {
      var segment = arena.allocate(MapInfo.BYTES, 8);
      Bpf.info(fd, segment);
      this.info = MapInfo.readFrom(segment);
    } catch (RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** {@code bpftool map create}, but without a pin. */
  public static KernelMap create(MapSpec spec) {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, spec.type().number());
      attributes.set(JAVA_INT, 4, (int) spec.keySize());
      attributes.set(JAVA_INT, 8, (int) spec.valueSize());
      attributes.set(JAVA_INT, 12, spec.maxEntries());
      attributes.set(JAVA_INT, 16, spec.flags());
      attributes.set(JAVA_INT, 20, spec.inner().map(m -> m.fd().number()).orElse(0));
      byte[] name = spec.name().getBytes(StandardCharsets.US_ASCII);
      MemorySegment.copy(MemorySegment.ofArray(name), 0, attributes, 28, Math.min(name.length, 15));
      var what = "map " + spec.name();
      return new KernelMap(
          Bpf.open(
              Bpf.MAP_CREATE,
              attributes,
              "create " + what + " (" + spec.type() + ", " + spec.maxEntries() + " entries)",
              what));
    }
  }

  /** The map pinned at a path of a bpffs. */
  public static KernelMap open(Path pin) {
    return new KernelMap(Bpf.openPin(pin));
  }

  /** As {@link #open}, empty if nothing is pinned there. */
  public static Optional<KernelMap> find(Path pin) {
    return Files.exists(pin) ? Optional.of(open(pin)) : Optional.empty();
  }

  public static KernelMap ofId(int id) {
    return new KernelMap(Bpf.openById(Bpf.MAP_GET_FD_BY_ID, id, "map"));
  }

  public Fd fd() {
    return fd;
  }

  public MapInfo info() {
    return info;
  }

  public void pin(Path path) {
    Bpf.pin(fd, path);
  }

  /** Takes a pin away; false if there was none. */
  public static boolean unpin(Path path) {
    return Bpf.unpin(path);
  }

  /** From now on only programs can change the map. */
  public void freeze() {
    try (var arena = Arena.ofConfined()) {
      var attributes = Bpf.attributes(arena);
      attributes.set(JAVA_INT, 0, fd.number());
      Bpf.call(Bpf.MAP_FREEZE, attributes, "freeze map " + info.name());
    }
  }

  /**
   * The values of an array made with {@link MapSpec#BPF_F_MMAPABLE}, each padded to 8 bytes, shared
   * with the programs.
   */
  public Mapping mmap(boolean writable) {
    long stride = MapInfo.perCpuStride(info.valueSize());
    return Mapping.of(fd, 0, stride * info.maxEntries(), writable);
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "map " + info.name() + " (id " + info.id() + ")";
  }

  /** 0 or a negated errno. */
  long lookup(Arena arena, MemorySegment key, MemorySegment value) {
    return Bpf.tryCall(Bpf.MAP_LOOKUP_ELEM, element(arena, key, value, 0));
  }

  long lookupAndDelete(Arena arena, MemorySegment key, MemorySegment value) {
    return Bpf.tryCall(Bpf.MAP_LOOKUP_AND_DELETE_ELEM, element(arena, key, value, 0));
  }

  long update(Arena arena, MemorySegment key, MemorySegment value, long flags) {
    return Bpf.tryCall(Bpf.MAP_UPDATE_ELEM, element(arena, key, value, flags));
  }

  long delete(Arena arena, MemorySegment key) {
    return Bpf.tryCall(Bpf.MAP_DELETE_ELEM, element(arena, key, MemorySegment.NULL, 0));
  }

  /** {@code previous} is {@link MemorySegment#NULL} to begin. */
  long nextKey(Arena arena, MemorySegment previous, MemorySegment next) {
    return Bpf.tryCall(Bpf.MAP_GET_NEXT_KEY, element(arena, previous, next, 0));
  }

  MemorySegment batch(Arena arena, MemorySegment keys, MemorySegment values, int count) {
    var attributes = Bpf.attributes(arena);
    attributes.set(JAVA_LONG, 16, keys.address());
    attributes.set(JAVA_LONG, 24, values.address());
    attributes.set(JAVA_INT, 32, count);
    attributes.set(JAVA_INT, 36, fd.number());
    return attributes;
  }

  /** The exception for a negated errno of an update. */
  LinuxException updateFailure(long result, Object key) {
    var errno = new Errno((int) -result);
    boolean full = errno.equals(Errno.E2BIG) || errno.equals(Errno.ENOSPC);
    return full && !info.type().isArray()
        ? new MapFullException(info.name(), info.maxEntries(), errno)
        : failure("update " + key + " in", result);
  }

  LinuxException failure(String verb, long result) {
    return new LinuxException(verb + " map " + info.name(), new Errno((int) -result));
  }

  private MemorySegment element(Arena arena, MemorySegment key, MemorySegment value, long flags) {
    var attributes = arena.allocate(32, 8);
    attributes.set(JAVA_INT, 0, fd.number());
    attributes.set(JAVA_LONG, 8, key.address());
    attributes.set(JAVA_LONG, 16, value.address());
    attributes.set(JAVA_LONG, 24, flags);
    return attributes;
  }
}
