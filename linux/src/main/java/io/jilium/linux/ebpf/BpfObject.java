// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.Fd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An object file of compiled programs, opened but not yet in the kernel: settings can be changed,
 * then {@link #load} puts it there. Not for several threads.
 */
public final class BpfObject implements AutoCloseable {
  private final String name;
  private final MemorySegment object;
  private final Map<String, MemorySegment> maps;
  private final Map<String, MemorySegment> programs;
  private final Btf btf;
  private final Map<String, Btf.Variable> variables;
  private boolean closed;

  private BpfObject(String name, MemorySegment object) {
    this.name = name;
    this.object = object;
    this.maps = byName(Libbpf.maps(object), Libbpf::mapName);
    this.programs = byName(Libbpf.programs(object), Libbpf::programName);
    this.btf = new Btf(Libbpf.btf(object));
    this.variables =
        btf.variables().stream()
            .filter(v -> v.section().startsWith(".") && !v.section().equals(".maps"))
            .collect(Collectors.toMap(Btf.Variable::name, Function.identity(), (a, b) -> a));
  }

  public static BpfObject open(Path file) {
    try {
      return open(file.getFileName().toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("read eBPF object " + file, e);
    }
  }

  /** Opens the content of an ELF file; the name up to its first dot begins that of data maps. */
  public static BpfObject open(String name, byte[] elf) {
    int dot = name.indexOf('.');
    var stem = dot > 0 ? name.substring(0, dot) : name;
    return new BpfObject(stem, Libbpf.open(stem, elf));
  }

  /** Names of the programs, in the file's order. */
  public List<String> programs() {
    return List.copyOf(programs.keySet());
  }

  /** Names of the maps, in the file's order, without those that hold variables. */
  public List<String> maps() {
    return maps.keySet().stream().filter(map -> !map.contains(".")).toList();
  }

  public Btf btf() {
    return btf;
  }

  public MapDeclaration map(String map) {
    ensureOpen();
    return new MapDeclaration(this, named(maps, map, "map", maps()));
  }

  public ProgramDeclaration program(String program) {
    ensureOpen();
    return new ProgramDeclaration(this, named(programs, program, "program", programs()));
  }

  public boolean hasVariable(String variable) {
    return variables.containsKey(variable);
  }

  /** Sets a {@code __u8} (also {@code bool}) global before load. */
  public BpfObject setU8(String variable, int value) {
    variable(variable, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) value);
    return this;
  }

  /** Sets a {@code __u16} in host order. */
  public BpfObject setU16(String variable, int value) {
    variable(variable, 2).set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) value);
    return this;
  }

  /** Sets a {@code __u32} in host order. */
  public BpfObject setU32(String variable, int value) {
    variable(variable, 4).set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    return this;
  }

  /** Sets a {@code __u64} in host order. */
  public BpfObject setU64(String variable, long value) {
    variable(variable, 8).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    return this;
  }

  /** Sets a struct, array or big-endian number as it lies in memory. */
  public BpfObject setBytes(String variable, byte[] value) {
    variable(variable, value.length).copyFrom(MemorySegment.ofArray(value));
    return this;
  }

  /** The value of a global as it would be loaded. */
  public byte[] bytes(String variable) {
    var known = known(variable);
    return variable(variable, known.size()).toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Makes the maps, has the programs verified and loads them. This object is closed by it, whatever
   * comes of it.
   *
   * @throws VerifierException if a program is refused
   */
  public LoadedObject load() {
    ensureOpen();
    try {
      Bpf.allowLockedMemory();
      LibbpfMessages.take();
      int result = Libbpf.load(object);
      var messages = LibbpfMessages.take();
      if (result < 0) {
        throw VerifierException.of(name, new Errno(-result), messages);
      }
      return collect();
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Libbpf.close(object);
    }
  }

  @Override
  public String toString() {
    return "eBPF object " + name;
  }

  void ensureOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed");
    }
  }

  /** libbpf closes its descriptors with the object; duplicates get owners of ours. */
  private LoadedObject collect() {
    var loaded = new LoadedObject(name);
    try {
      programs.forEach((program, pointer) -> {
        int fd = Libbpf.programFd(pointer);
        if (fd >= 0) {
          loaded.add(program, new Program(Fd.duplicateOf(fd, program)));
        }
      });
      maps.forEach((map, pointer) -> {
        int fd = Libbpf.mapFd(pointer);
        if (fd >= 0) {
          loaded.add(map, new KernelMap(Fd.duplicateOf(fd, "map " + map)));
        }
      });
      return loaded;
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  private MemorySegment variable(String variable, int size) {
    ensureOpen();
    var known = known(variable);
    if (known.size() != size) {
      throw new IllegalArgumentException(
          "variable %s of %s has %d bytes, not %d".formatted(variable, this, known.size(), size));
    }
    var section = Libbpf.initialValue(Libbpf.findMap(object, known.section()));
    return section.asSlice(known.offset(), size);
  }

  private Btf.Variable known(String variable) {
    var known = variables.get(variable);
    if (known == null) {
      throw new IllegalArgumentException(
          this
              + " has no variable "
              + variable
              + "; it has "
              + variables.keySet().stream().sorted().toList());
    }
    return known;
  }

  private MemorySegment named(
      Map<String, MemorySegment> all, String wanted, String kind, List<String> known) {
    var found = all.get(wanted);
    if (found == null) {
      throw new IllegalArgumentException(
          this + " has no " + kind + " " + wanted + "; it has " + known);
    }
    return found;
  }

  private static Map<String, MemorySegment> byName(
      List<MemorySegment> pointers, Function<MemorySegment, String> name) {
    var map = new LinkedHashMap<String, MemorySegment>();
    pointers.forEach(pointer -> map.put(name.apply(pointer), pointer));
    return map;
  }
}
