// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.Errno;
import io.jilium.linux.sys.LinuxException;
import io.jilium.linux.sys.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions of libbpf.so.1 in use, the only binding to it. Version 1.1 suffices; what it lacks
 * is done by {@link Bpf}. Pointers are {@code struct bpf_object}, {@code bpf_map} and {@code
 * bpf_program}, owned by the object.
 */
final class Libbpf {
  private static final NativeLibrary LIBRARY = NativeLibrary.open("libbpf.so.1");

  private static final FunctionDescriptor POINTER_TO_POINTER =
      FunctionDescriptor.of(ADDRESS, ADDRESS);
  private static final FunctionDescriptor NEXT = FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS);
  private static final FunctionDescriptor POINTER_TO_INT = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private static final FunctionDescriptor SET_INT =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);

  private static final MethodHandle OPEN_MEM =
      LIBRARY.functionWithErrno(
          "bpf_object__open_mem", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle LOAD = LIBRARY.function("bpf_object__load", POINTER_TO_INT);
  private static final MethodHandle CLOSE =
      LIBRARY.function("bpf_object__close", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle BTF = LIBRARY.function("bpf_object__btf", POINTER_TO_POINTER);
  private static final MethodHandle BTF_DATA = LIBRARY.function("btf__raw_data", NEXT);
  private static final MethodHandle NEXT_MAP = LIBRARY.function("bpf_object__next_map", NEXT);
  private static final MethodHandle NEXT_PROGRAM =
      LIBRARY.function("bpf_object__next_program", NEXT);
  private static final MethodHandle FIND_MAP =
      LIBRARY.function("bpf_object__find_map_by_name", NEXT);

  private static final MethodHandle MAP_NAME =
      LIBRARY.function("bpf_map__name", POINTER_TO_POINTER);
  private static final MethodHandle MAP_FD = LIBRARY.function("bpf_map__fd", POINTER_TO_INT);
  private static final MethodHandle MAP_TYPE = LIBRARY.function("bpf_map__type", POINTER_TO_INT);
  private static final MethodHandle MAP_KEY_SIZE =
      LIBRARY.function("bpf_map__key_size", POINTER_TO_INT);
  private static final MethodHandle MAP_VALUE_SIZE =
      LIBRARY.function("bpf_map__value_size", POINTER_TO_INT);
  private static final MethodHandle MAP_MAX_ENTRIES =
      LIBRARY.function("bpf_map__max_entries", POINTER_TO_INT);
  private static final MethodHandle MAP_FLAGS =
      LIBRARY.function("bpf_map__map_flags", POINTER_TO_INT);
  private static final MethodHandle MAP_SET_MAX_ENTRIES =
      LIBRARY.function("bpf_map__set_max_entries", SET_INT);
  private static final MethodHandle MAP_SET_VALUE_SIZE =
      LIBRARY.function("bpf_map__set_value_size", SET_INT);
  private static final MethodHandle MAP_SET_FLAGS =
      LIBRARY.function("bpf_map__set_map_flags", SET_INT);
  private static final MethodHandle MAP_SET_PIN_PATH =
      LIBRARY.function("bpf_map__set_pin_path", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle MAP_REUSE_FD = LIBRARY.function("bpf_map__reuse_fd", SET_INT);
  private static final MethodHandle MAP_SET_INNER_FD =
      LIBRARY.function("bpf_map__set_inner_map_fd", SET_INT);
  private static final MethodHandle MAP_INITIAL_VALUE =
      LIBRARY.function("bpf_map__initial_value", NEXT);

  private static final MethodHandle PROGRAM_NAME =
      LIBRARY.function("bpf_program__name", POINTER_TO_POINTER);
  private static final MethodHandle PROGRAM_SECTION =
      LIBRARY.function("bpf_program__section_name", POINTER_TO_POINTER);
  private static final MethodHandle PROGRAM_FD =
      LIBRARY.function("bpf_program__fd", POINTER_TO_INT);
  private static final MethodHandle PROGRAM_SET_TYPE =
      LIBRARY.function("bpf_program__set_type", SET_INT);
  private static final MethodHandle PROGRAM_SET_ATTACH_TYPE =
      LIBRARY.function("bpf_program__set_expected_attach_type", SET_INT);
  private static final MethodHandle PROGRAM_SET_AUTOLOAD =
      LIBRARY.function(
          "bpf_program__set_autoload", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_BOOLEAN));

  private static final MethodHandle PROBE_HELPER =
      LIBRARY.function(
          "libbpf_probe_bpf_helper", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

  static {
    LibbpfMessages.install(LIBRARY);
  }

  private Libbpf() {}

  static MemorySegment open(String name, byte[] elf) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(NativeLibrary.CALL_STATE);
      var image = arena.allocate(elf.length, 8);
      image.copyFrom(MemorySegment.ofArray(elf));
      var options = arena.allocate(16, 8); // struct bpf_object_open_opts up to object_name
      options.set(JAVA_LONG, 0, options.byteSize());
      options.set(ADDRESS, 8, arena.allocateFrom(name));
      var object = (MemorySegment) OPEN_MEM.invokeExact(state, image, (long) elf.length, options);
      if (object.address() == 0) {
        throw new LinuxException(
            "open eBPF object " + name,
            new Errno(NativeLibrary.errno(state)),
            LibbpfMessages.take().strip());
      }
      return object;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int load(MemorySegment object) {
    return getInt(LOAD, object);
  }

  static void close(MemorySegment object) {
    try {
      CLOSE.invokeExact(object);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A copy of the object's BTF; empty if it was compiled without -g. */
  static byte[] btf(MemorySegment object) {
    var btf = getPointer(BTF, object);
    if (btf.address() == 0) {
      return new byte[0];
    }
    return sized(BTF_DATA, btf).toArray(JAVA_BYTE);
  }

  static List<MemorySegment> maps(MemorySegment object) {
    return all(NEXT_MAP, object);
  }

  static List<MemorySegment> programs(MemorySegment object) {
    return all(NEXT_PROGRAM, object);
  }

  /** NULL if there is none; {@code .rodata} and the like are found by their section's name. */
  static MemorySegment findMap(MemorySegment object, String name) {
    try (var arena = Arena.ofConfined()) {
      return next(FIND_MAP, object, arena.allocateFrom(name));
    }
  }

  static String mapName(MemorySegment map) {
    return NativeLibrary.string(getPointer(MAP_NAME, map));
  }

  static int mapFd(MemorySegment map) {
    return getInt(MAP_FD, map);
  }

  /** What the object file declares; id 0, because nothing is in the kernel yet. */
  static MapInfo mapDeclaration(MemorySegment map) {
    return new MapInfo(
        0,
        MapType.of(getInt(MAP_TYPE, map)),
        mapName(map),
        getInt(MAP_KEY_SIZE, map),
        getInt(MAP_VALUE_SIZE, map),
        getInt(MAP_MAX_ENTRIES, map),
        getInt(MAP_FLAGS, map));
  }

  static void setMaxEntries(MemorySegment map, int entries) {
    set(MAP_SET_MAX_ENTRIES, map, entries, "set max_entries of map " + mapName(map));
  }

  static void setValueSize(MemorySegment map, int bytes) {
    set(MAP_SET_VALUE_SIZE, map, bytes, "set value_size of map " + mapName(map));
  }

  static void setMapFlags(MemorySegment map, int flags) {
    set(MAP_SET_FLAGS, map, flags, "set flags of map " + mapName(map));
  }

  static void setPinPath(MemorySegment map, String path) {
    try (var arena = Arena.ofConfined()) {
      int result = (int) MAP_SET_PIN_PATH.invokeExact(map, arena.allocateFrom(path));
      check(result, "set pin path of map " + mapName(map));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void reuseFd(MemorySegment map, int fd) {
    set(MAP_REUSE_FD, map, fd, "reuse a map as " + mapName(map));
  }

  static void setInnerMapFd(MemorySegment map, int fd) {
    set(MAP_SET_INNER_FD, map, fd, "set the inner map of " + mapName(map));
  }

  /** The content of a data section before load; writable. */
  static MemorySegment initialValue(MemorySegment map) {
    return sized(MAP_INITIAL_VALUE, map);
  }

  static String programName(MemorySegment program) {
    return NativeLibrary.string(getPointer(PROGRAM_NAME, program));
  }

  static String programSection(MemorySegment program) {
    return NativeLibrary.string(getPointer(PROGRAM_SECTION, program));
  }

  static int programFd(MemorySegment program) {
    return getInt(PROGRAM_FD, program);
  }

  static void setProgramType(MemorySegment program, int type) {
    set(PROGRAM_SET_TYPE, program, type, "set type of program " + programName(program));
  }

  static void setAttachType(MemorySegment program, int type) {
    set(
        PROGRAM_SET_ATTACH_TYPE,
        program,
        type,
        "set attach type of program " + programName(program));
  }

  static void setAutoload(MemorySegment program, boolean autoload) {
    try {
      int result = (int) PROGRAM_SET_AUTOLOAD.invokeExact(program, autoload);
      check(result, "set autoload of program " + programName(program));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Whether programs of a type may call a helper. */
  static boolean hasHelper(int programType, int helper) {
    try {
      return (int) PROBE_HELPER.invokeExact(programType, helper, MemorySegment.NULL) == 1;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static List<MemorySegment> all(MethodHandle iterator, MemorySegment object) {
    var all = new ArrayList<MemorySegment>();
    for (var at = next(iterator, object, MemorySegment.NULL);
        at.address() != 0;
        at = next(iterator, object, at)) {
      all.add(at);
    }
    return all;
  }

  /** Calls a function that returns a pointer and stores its size. */
  private static MemorySegment sized(MethodHandle function, MemorySegment argument) {
    try (var arena = Arena.ofConfined()) {
      var size = arena.allocate(JAVA_LONG);
      var data = next(function, argument, size);
      return data.address() == 0 ? data : NativeLibrary.view(data, size.get(JAVA_LONG, 0));
    }
  }

  private static MemorySegment next(MethodHandle function, MemorySegment a, MemorySegment b) {
    try {
      return (MemorySegment) function.invokeExact(a, b);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static MemorySegment getPointer(MethodHandle function, MemorySegment argument) {
    try {
      return (MemorySegment) function.invokeExact(argument);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int getInt(MethodHandle function, MemorySegment argument) {
    try {
      return (int) function.invokeExact(argument);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static void set(
      MethodHandle function, MemorySegment target, int value, String operation) {
    try {
      check((int) function.invokeExact(target, value), operation);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static void check(int result, String operation) {
    if (result < 0) {
      throw new LinuxException(operation, new Errno(-result), LibbpfMessages.take().strip());
    }
  }

  private static RuntimeException unexpected(Throwable e) {
    return switch (e) {
      case RuntimeException ours -> ours;
      case Error error -> throw error;
      default -> new IllegalStateException("libbpf", e);
    };
  }
}
