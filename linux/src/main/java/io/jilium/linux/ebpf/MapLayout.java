// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How one kernel struct of a map is read and written. The segments given are exactly {@link
 * #byteSize} bytes, aligned to 8 where the struct's size allows it, and valid during the call only.
 */
public interface MapLayout<T> {
  /** {@code __u32} in host order. */
  MapLayout<Integer> U32 =
      of(
          4,
          s -> s.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
          (s, v) -> s.set(ValueLayout.JAVA_INT_UNALIGNED, 0, v));

  /** {@code __u64} in host order. */
  MapLayout<Long> U64 =
      of(
          8,
          s -> s.get(ValueLayout.JAVA_LONG_UNALIGNED, 0),
          (s, v) -> s.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, v));

  long byteSize();

  T read(MemorySegment segment);

  /** The segment is zero before the call, so that padding stays zero. */
  void write(MemorySegment segment, T value);

  static <T> MapLayout<T> of(
      long byteSize, Function<MemorySegment, T> read, BiConsumer<MemorySegment, T> write) {
    return new MapLayout<>() {
      @Override
      public long byteSize() {
        return byteSize;
      }

      @Override
      public T read(MemorySegment segment) {
        return read.apply(segment);
      }

      @Override
      public void write(MemorySegment segment, T value) {
        write.accept(segment, value);
      }
    };
  }

  /** Values of a per-CPU map: a list with an element per possible CPU. */
  static <T> MapLayout<List<T>> perCpu(MapLayout<T> one) {
    return new PerCpuLayout<>(one);
  }
}
