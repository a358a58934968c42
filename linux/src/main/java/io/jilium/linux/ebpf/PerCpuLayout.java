// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One value per possible CPU, each padded to 8 bytes, as bpf(2) copies them. */
record PerCpuLayout<T>(MapLayout<T> one) implements MapLayout<List<T>> {
  @Override
  public long byteSize() {
    return PossibleCpus.count() * stride();
  }

  @Override
  public List<T> read(MemorySegment segment) {
    var values = new ArrayList<T>(PossibleCpus.count());
    for (int cpu = 0; cpu < PossibleCpus.count(); cpu++) {
      values.add(one.read(segment.asSlice(cpu * stride(), one.byteSize())));
    }
    return values;
  }

  @Override
  public void write(MemorySegment segment, List<T> values) {
    if (values.size() != PossibleCpus.count()) {
      throw new IllegalArgumentException(
          values.size() + " values for " + PossibleCpus.count() + " CPUs");
    }
    for (int cpu = 0; cpu < values.size(); cpu++) {
      one.write(segment.asSlice(cpu * stride(), one.byteSize()), values.get(cpu));
    }
  }

  private long stride() {
    return MapInfo.perCpuStride(one.byteSize());
  }
}
