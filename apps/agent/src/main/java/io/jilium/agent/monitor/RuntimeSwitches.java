// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.core.settings.Settings;
import io.jilium.datapath.Aggregation;
import io.jilium.datapath.Counter;
import io.jilium.datapath.Counters;
import io.jilium.datapath.Jiffies;
import io.jilium.datapath.RuntimeMap;

/** Switches in the map that programs and agent share. */
public final class RuntimeSwitches implements EventSwitches {
  private final RuntimeMap runtime;
  private final Counters counters;
  private final Aggregation usual;
  private final int reportInterval;

  /**
   * Follows {@code bpf.monitorAggregation} and {@code bpf.monitorInterval} while nobody wants more.
   *
   * @param hz ticks a second
   */
  public RuntimeSwitches(RuntimeMap runtime, Counters counters, Settings settings, int hz) {
    this.runtime = runtime;
    this.counters = counters;
    this.usual =
        switch (settings.bpf().monitorAggregation()) {
          case NONE -> Aggregation.NONE;
          case LOWEST, LOW -> Aggregation.LOW;
          case MEDIUM -> Aggregation.MEDIUM;
          case MAXIMUM -> Aggregation.MAXIMUM;
        };
    this.reportInterval = Jiffies.ticks(settings.bpf().monitorInterval(), hz);
  }

  @Override
  public void debug(boolean on) {
    runtime.debug(on);
  }

  @Override
  public void everyPacket(boolean on) {
    runtime.aggregation(on ? Aggregation.NONE : usual, reportInterval);
  }

  @Override
  public long lost() {
    return counters.get(Counter.EVENTS_LOST).packets();
  }
}
