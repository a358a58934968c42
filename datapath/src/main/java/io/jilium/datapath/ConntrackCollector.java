// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * Deletes connections that are over. The table is walked without being copied: only entries that
 * look expired by themselves are kept, and judged again together with their other direction before
 * they go. The reverse entry of a translated connection is what reserves its port, so deleting the
 * pair frees it.
 */
public final class ConntrackCollector {
  /** Bounds memory, and the time between judging an entry and deleting it. */
  private static final int CHUNK = 1024;

  private final FlowMap flows;
  private final EndpointMap endpoints;
  private final IntSupplier stackDoor;

  /** stackDoor: the index of cilium_host, which may change. */
  public ConntrackCollector(FlowMap flows, EndpointMap endpoints, IntSupplier stackDoor) {
    this.flows = flows;
    this.endpoints = endpoints;
    this.stackDoor = stackDoor;
  }

  /**
   * What a run did.
   *
   * @param seen entries looked at
   * @param deleted entries deleted, both directions counted
   */
  public record Run(int seen, int deleted) {
    /** The part that was deleted, for {@link CollectionInterval}. */
    public double deletedRatio() {
      return seen == 0 ? 0 : (double) deleted / seen;
    }
  }

  /** Deletes what has expired by now. */
  public Run collect(ConntrackTimeouts timeouts, Jiffies now) {
    var run =
        new Walk() {
          @Override
          boolean candidate(FlowKey key, FlowEntry entry) {
            return Conntrack.expired(key, entry, Optional.empty(), timeouts, now)
                || entry.has(FlowFlag.CLOSING);
          }

          @Override
          boolean doomed(FlowKey key, FlowEntry entry, Optional<FlowEntry> reverse) {
            return Conntrack.expired(key, entry, reverse, timeouts, now);
          }
        };
    return run.walk();
  }

  /** Deletes every connection of these addresses, because who had them is gone. */
  public Run scrub(Set<IpAddress> addresses) {
    var run =
        new Walk() {
          @Override
          boolean candidate(FlowKey key, FlowEntry entry) {
            return addresses.contains(key.source())
                || addresses.contains(key.destination())
                || (entry.has(FlowFlag.REWRITE_DST) && addresses.contains(entry.natDestination()));
          }

          @Override
          boolean doomed(FlowKey key, FlowEntry entry, Optional<FlowEntry> reverse) {
            return true;
          }
        };
    return run.walk();
  }

  private Map<IpAddress, Integer> pods() {
    var pods = new HashMap<IpAddress, Integer>();
    endpoints.forEach((key, entry) -> {
      if (!entry.has(EndpointFlag.HOST)) {
        pods.put(key.address(), entry.ifindex());
      }
    });
    return pods;
  }

  private record Flow(FlowKey key, FlowEntry entry) {}

  private abstract class Walk {
    private final List<Flow> candidates = new ArrayList<>();
    private final Map<IpAddress, Integer> pods = pods();
    private int seen;
    private int deleted;

    /** Cheap, by one direction alone. */
    abstract boolean candidate(FlowKey key, FlowEntry entry);

    /** By both directions. */
    abstract boolean doomed(FlowKey key, FlowEntry entry, Optional<FlowEntry> reverse);

    Run walk() {
      flows.forEach((key, entry) -> {
        seen++;
        if (candidate(key, entry)) {
          candidates.add(new Flow(key, entry));
          if (candidates.size() == CHUNK) {
            judge();
          }
        }
      });
      judge();
      return new Run(seen, deleted);
    }

    private void judge() {
      var keys = new ArrayList<FlowKey>(2 * candidates.size());
      for (var flow : candidates) {
        var reverse =
            Conntrack.reverse(
                flow.key(),
                flow.entry(),
                address -> pods.getOrDefault(address, 0),
                stackDoor.getAsInt());
        var entry = flows.lookup(reverse);
        if (doomed(flow.key(), flow.entry(), entry)) {
          keys.add(flow.key());
          if (entry.isPresent()) {
            keys.add(reverse);
          }
        }
      }
      candidates.clear();
      deleted += flows.deleteAll(keys);
    }
  }
}
