// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.BpfMap;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.ebpf.MapLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Exact counts of drops, by reason, direction and place. */
public final class MetricsMap implements AutoCloseable {
  static final MapLayout<MetricsEntry> ENTRY =
      MapLayout.of(
          MetricsEntry.LAYOUT.byteSize(), MetricsEntry::read, (to, value) -> value.write(to));
  private static final MapLayout<MetricsKey> KEYS =
      MapLayout.of(MetricsKey.LAYOUT.byteSize(), MetricsKey::read, (to, key) -> key.write(to));

  private final BpfMap<MetricsKey, List<MetricsEntry>> map;

  /** Takes ownership of the map. */
  public MetricsMap(KernelMap map) {
    this.map = BpfMap.of(map, KEYS, MapLayout.perCpu(ENTRY));
  }

  /** All counts, summed over CPUs. */
  public Map<MetricsKey, MetricsEntry> entries() {
    var sums = new LinkedHashMap<MetricsKey, MetricsEntry>();
    map.forEach((key, cpus) -> sums.put(key, sum(cpus)));
    return sums;
  }

  static MetricsEntry sum(List<MetricsEntry> cpus) {
    return cpus.stream().reduce(new MetricsEntry(0, 0), MetricsEntry::plus);
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    map.close();
  }
}
