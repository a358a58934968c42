// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A long-lived arena with one owner, seen by leak checks; usable from any thread. */
public final class NativeMemory implements Arena {
  private final Arena arena = Arena.ofShared();
  private final LiveResource live;

  private NativeMemory(String owner) {
    this.live = LiveResource.register("memory of " + owner);
  }

  public static NativeMemory of(String owner) {
    return new NativeMemory(owner);
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    return arena.allocate(byteSize, byteAlignment);
  }

  @Override
  public MemorySegment.Scope scope() {
    return arena.scope();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      live.unregister();
    }
  }
}
