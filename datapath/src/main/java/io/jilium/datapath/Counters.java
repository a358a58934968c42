// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.BpfMap;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;
import java.util.List;

/** Counts without a key: forwarded packets, lost events, refused flows. */
public final class Counters implements AutoCloseable {
  private final BpfMap<Integer, List<MetricsEntry>> map;

  /** Takes ownership of the map. */
  public Counters(KernelMap map) {
    this.map = BpfMap.of(map, MapLayout.U32, MapLayout.perCpu(MetricsMap.ENTRY));
  }

  /** One count, summed over CPUs. */
  public MetricsEntry get(Counter counter) {
    return MetricsMap.sum(map.lookup(counter.number()).orElse(List.of()));
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    map.close();
  }
}
