// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/** A shared library and handles to its functions: the only user of Linker and SymbolLookup. */
@SuppressWarnings("restricted") // this class is where native access is allowed to begin
public final class NativeLibrary {
  /** The layout of the first argument of {@link #functionWithErrno}. */
  public static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();

  private static final Linker LINKER = Linker.nativeLinker();
  private static final VarHandle ERRNO =
      MethodHandles.insertCoordinates(
          CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno")), 1, 0L);

  private final String name;
  private final SymbolLookup lookup;

  private NativeLibrary(String name, SymbolLookup lookup) {
    this.name = name;
    this.lookup = lookup;
  }

  /** The C library that the Java virtual machine itself is linked to. */
  public static NativeLibrary libc() {
    return new NativeLibrary("libc", LINKER.defaultLookup());
  }

  /** Loads a library for the life of the process, such as {@code libbpf.so.1}. */
  public static NativeLibrary open(String soname) {
    try {
      return new NativeLibrary(soname, SymbolLookup.libraryLookup(soname, Arena.global()));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("library " + soname + " is not installed", e);
    }
  }

  /** Whether this version of the library has the function. */
  public boolean has(String function) {
    return lookup.find(function).isPresent();
  }

  public MethodHandle function(String function, FunctionDescriptor type) {
    return LINKER.downcallHandle(symbol(function), type);
  }

  /**
   * A handle whose first argument is a {@link #CALL_STATE} segment; read it with {@link #errno}.
   */
  public MethodHandle functionWithErrno(String function, FunctionDescriptor type) {
    return LINKER.downcallHandle(symbol(function), type, Linker.Option.captureCallState("errno"));
  }

  /** A C function pointer that calls {@code target}, valid as long as the arena. */
  public static MemorySegment callback(MethodHandle target, FunctionDescriptor type, Arena arena) {
    return LINKER.upcallStub(target, type, arena);
  }

  public static int errno(MemorySegment callState) {
    return (int) ERRNO.get(callState);
  }

  /** Makes {@code bytes} bytes readable behind a pointer that C returned; C keeps ownership. */
  public static MemorySegment view(MemorySegment pointer, long bytes) {
    return pointer.reinterpret(bytes);
  }

  /** The NUL-terminated string behind a pointer that C returned. */
  public static String string(MemorySegment pointer) {
    return pointer.reinterpret(Long.MAX_VALUE).getString(0, StandardCharsets.UTF_8);
  }

  /** The pointer stored at {@code offset}. */
  public static MemorySegment pointerAt(MemorySegment segment, long offset) {
    return segment.get(ValueLayout.ADDRESS, offset);
  }

  private MemorySegment symbol(String function) {
    return lookup
        .find(function)
        .orElseThrow(() -> new IllegalStateException(name + " has no function " + function));
  }
}
