// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.jilium.linux.sys.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Keeps what libbpf would print to stderr, verifier logs among it, for the exception of the call
 * that caused it. libbpf calls back in the thread that called it, hence a buffer per thread.
 */
final class LibbpfMessages {
  private static final int WARN = 0;

  /** A va_list is at most this long (aarch64); on x86-64 it is 24 bytes, followed by stack. */
  private static final long VA_LIST_BYTES = 32;

  private static final ThreadLocal<StringBuilder> MESSAGES =
      ThreadLocal.withInitial(StringBuilder::new);

  private static final MethodHandle VSNPRINTF =
      NativeLibrary.libc()
          .function(
              "vsnprintf", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

  private LibbpfMessages() {}

  /** What was said in this thread since the last call. */
  static String take() {
    var text = MESSAGES.get().toString();
    MESSAGES.remove();
    return text;
  }

  static void install(NativeLibrary libbpf) {
    try {
      var print =
          MethodHandles.lookup()
              .findStatic(
                  LibbpfMessages.class,
                  "print",
                  MethodType.methodType(
                      int.class, int.class, MemorySegment.class, MemorySegment.class));
      var callback =
          NativeLibrary.callback(
              print, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), Arena.global());
      var previous =
          (MemorySegment)
              libbpf
                  .function("libbpf_set_print", FunctionDescriptor.of(ADDRESS, ADDRESS))
                  .invokeExact(callback);
      assert previous.address() != callback.address();
    } catch (Throwable e) {
      throw new IllegalStateException("redirect the messages of libbpf", e);
    }
  }

  /** Called by libbpf. A va_list can be walked once, so that the second walk needs a copy. */
  @SuppressWarnings("UnusedMethod") // by its name in install
  private static int print(int level, MemorySegment format, MemorySegment arguments) {
    if (level != WARN) {
      return 0;
    }
    try (var arena = Arena.ofConfined()) {
      var copy = arena.allocate(VA_LIST_BYTES, 16);
      copy.copyFrom(NativeLibrary.view(arguments, VA_LIST_BYTES));
      int length = (int) VSNPRINTF.invokeExact(MemorySegment.NULL, 0L, format, arguments);
      var text = arena.allocate(length + 1L);
      length = (int) VSNPRINTF.invokeExact(text, text.byteSize(), format, copy);
      MESSAGES.get().append(text.getString(0));
      return length;
    } catch (Throwable e) {
      // An exception that leaves a callback ends the process.
      MESSAGES.get().append("message of libbpf lost: ").append(e).append('\n');
      return 0;
    }
  }
}
