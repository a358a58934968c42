// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.monitor;

import io.jilium.datapath.ConntrackTimeouts;
import io.jilium.datapath.Counters;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.EndpointMap;
import io.jilium.datapath.FlowEntry;
import io.jilium.datapath.FlowKey;
import io.jilium.datapath.FlowMap;
import io.jilium.datapath.FragmentMap;
import io.jilium.datapath.IpcacheMap;
import io.jilium.datapath.Jiffies;
import io.jilium.datapath.MetricsMap;
import java.util.function.BiPredicate;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * The maps of the node's programs, for those who show them.
 *
 * @param current whether the decision of a flow's entry still holds
 * @param stackDoor reads the index of cilium_host, which stands in flow keys
 * @param clock reads the kernel's tick counter
 */
public record NodeMaps(
    EndpointMap endpoints,
    IpcacheMap ipcache,
    FlowMap flows,
    FragmentMap fragments,
    MetricsMap metrics,
    Counters counters,
    BiPredicate<FlowKey, FlowEntry> current,
    ConntrackTimeouts timeouts,
    IntSupplier stackDoor,
    Supplier<Jiffies> clock) {
  /** The maps of a loaded datapath, which keeps owning them. */
  public static NodeMaps of(
      Datapath datapath, ConntrackTimeouts timeouts, Supplier<Jiffies> clock) {
    return new NodeMaps(
        datapath.endpoints(),
        datapath.ipcache(),
        datapath.flows(),
        datapath.fragments(),
        datapath.metrics(),
        datapath.counters(),
        datapath::isCurrent,
        timeouts,
        () -> datapath.config().devices().host(),
        clock);
  }
}
