// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.sys.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** The slots of all backend sets, in memory shared with the programs. */
public final class SlotArray implements AutoCloseable {
  private static final long BYTES = BackendSlot.LAYOUT.byteSize();
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private final KernelMap map;
  private final Mapping mapping;

  /** Takes ownership of the map. */
  public SlotArray(KernelMap map) {
    this.map = map;
    this.mapping = map.mmap(true);
  }

  /** What a slot holds; set 0: nothing. */
  public BackendSlot get(int index) {
    return BackendSlot.read(mapping.segment().asSlice(index * BYTES, BYTES));
  }

  /** Writes the slots of a set from the first one on; a program sees each of them whole. */
  public void put(int base, int set, int[] backends) {
    var slot = MemorySegment.ofArray(new long[1]);
    for (int i = 0; i < backends.length; i++) {
      new BackendSlot(set, backends[i]).write(slot);
      WORD.setVolatile(mapping.segment(), (base + i) * BYTES, slot.get(ValueLayout.JAVA_LONG, 0));
    }
  }

  /** Empties slots that no frontend names any more. */
  public void clear(int base, int count) {
    for (int i = 0; i < count; i++) {
      WORD.setVolatile(mapping.segment(), (base + i) * BYTES, 0L);
    }
  }

  /** The number of slots. */
  public int capacity() {
    return map.info().maxEntries();
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    mapping.close();
    map.close();
  }
}
