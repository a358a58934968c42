// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.sys.Mapping;

/**
 * The one {@link RuntimeState} that programs and agent share through mapped memory: a change is
 * seen by the next packet, without a system call.
 */
public final class RuntimeMap implements AutoCloseable {
  private final KernelMap map;
  private final Mapping mapping;

  /** Takes ownership of the map. The epoch of a new map becomes 1: 0 means "never decided". */
  public RuntimeMap(KernelMap map) {
    this.map = map;
    if (map.info().valueSize() != RuntimeState.LAYOUT.byteSize()) {
      map.close();
      throw new IllegalArgumentException("value of " + map.info());
    }
    this.mapping = map.mmap(true);
    RuntimeState.EPOCH.compareAndSet(mapping.segment(), 0L, 0, 1);
  }

  /** What is set now. */
  public RuntimeState state() {
    return RuntimeState.read(mapping.segment());
  }

  /**
   * Makes every cached decision stale: each flow's next packet decides afresh. Returns the new
   * epoch. Call it after the tables have changed.
   */
  public int bumpEpoch() {
    int epoch = (int) RuntimeState.EPOCH.getAndAdd(mapping.segment(), 0L, 1) + 1;
    return epoch != 0 ? epoch : bumpEpoch();
  }

  /** The epoch of decisions made now. */
  public int epoch() {
    return (int) RuntimeState.EPOCH.getVolatile(mapping.segment(), 0L);
  }

  /** While true, tunnelled packets take the overlay device, where a capture sees them. */
  public void overlayCapture(boolean capture) {
    RuntimeState.OVERLAY_CAPTURE.setVolatile(mapping.segment(), 0L, (byte) (capture ? 1 : 0));
  }

  /** Whether programs tell each step of a decision. */
  public void debug(boolean debug) {
    RuntimeState.DEBUG.setVolatile(mapping.segment(), 0L, (byte) (debug ? 1 : 0));
  }

  /** How many trace events are told, and the jiffies between two of a flow without news. */
  public void aggregation(Aggregation aggregation, int reportIntervalJiffies) {
    RuntimeState.REPORT_INTERVAL.setVolatile(mapping.segment(), 0L, reportIntervalJiffies);
    RuntimeState.AGGREGATION.setVolatile(mapping.segment(), 0L, (byte) aggregation.number());
  }

  /** Tells the programs that the agent lives. */
  public void agentSeen(int jiffies) {
    RuntimeState.AGENT_SEEN.setVolatile(mapping.segment(), 0L, jiffies);
  }

  /** Closes the handle; the map stays. */
  @Override
  public void close() {
    mapping.close();
    map.close();
  }
}
