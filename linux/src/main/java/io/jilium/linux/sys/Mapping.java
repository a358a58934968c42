// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The owner of one shared memory mapping of a descriptor: {@code mmap(2)} and {@code munmap(2)}.
 */
public final class Mapping implements AutoCloseable {
  private static final int PAGE_SIZE = readPageSize();

  private final Arena arena = Arena.ofShared();
  private final LiveResource live;
  private final MemorySegment segment;

  private Mapping(long address, long length, boolean writable, String description) {
    this.live = LiveResource.register(description);
    @SuppressWarnings("restricted") // the kernel has just mapped exactly these bytes
    var mapped =
        MemorySegment.ofAddress(address)
            .reinterpret(length, arena, s -> Syscalls.munmap(address, length));
    this.segment = writable ? mapped : mapped.asReadOnly();
  }

  /** Bytes of a page on this machine; offsets of mappings are multiples of it. */
  public static long pageSize() {
    return PAGE_SIZE;
  }

  /** Maps {@code length} bytes of {@code fd} from {@code offset}, shared with the kernel. */
  public static Mapping of(Fd fd, long offset, long length, boolean writable) {
    int protection = Syscalls.PROT_READ | (writable ? Syscalls.PROT_WRITE : 0);
    var what = "mapping of " + length + " bytes at " + offset + " of " + fd;
    long address = Syscalls.tryMmap(length, protection, Syscalls.MAP_SHARED, fd, offset);
    return new Mapping(Syscalls.check(address, what), length, writable, what);
  }

  /** The mapped bytes, usable from any thread until {@link #close}. */
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      live.unregister();
    }
  }

  private static int readPageSize() {
    try {
      return (int)
          NativeLibrary.libc()
              .function("getpagesize", FunctionDescriptor.of(ValueLayout.JAVA_INT))
              .invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("getpagesize", e);
    }
  }
}
