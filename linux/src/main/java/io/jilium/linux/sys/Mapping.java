// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The owner of one shared memory mapping of a descriptor: {@code mmap(2)} and {@code munmap(2)}.
 */
public final class Mapping implements AutoCloseable {
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
}
