// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.service.Services;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.datapath.ServiceMaps;
import io.jilium.datapath.ServiceSizes;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes maps of services at least twice as large when they are full, up to a limit, while programs
 * use them. For the control thread.
 */
final class MapGrowth {
  private static final Logger LOG = LoggerFactory.getLogger(MapGrowth.class);

  /** To load programs takes a while; what the kernel has just refused is not asked for again. */
  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  /** The part of a map that is to be free: a set that changes is there twice for a moment. */
  private static final int RESERVE = 8;

  private final ServiceDatapath datapath;
  private final int limit;
  private final Runnable packets;
  private final Consumer<ServiceMaps> moved;
  private final LongSupplier nanos;
  private volatile Map<DatapathMap, Integer> resizes = Map.of();
  private String obstacle = "";
  private boolean failed;
  private long failedAt;

  /**
   * @param limit of {@code bpf.lbMapMax}: no map grows beyond what it has with that
   * @param packets see {@link ServiceDatapath#enlarge}
   * @param moved gets the maps of the datapath whenever they are others
   * @param nanos a clock
   */
  MapGrowth(
      ServiceDatapath datapath,
      int limit,
      Runnable packets,
      Consumer<ServiceMaps> moved,
      LongSupplier nanos) {
    this.datapath = datapath;
    this.limit = limit;
    this.packets = packets;
    this.moved = moved;
    this.nanos = nanos;
  }

  /** Until everything is in the kernel, or no map can grow any more. */
  void makeRoom(ServiceTables tables, Services services) {
    var full = tables.full();
    while (!full.isEmpty() && grow(full)) {
      tables.retry(services);
      full = tables.full();
    }
  }

  /** The entries that a map takes before it should be larger. */
  static int usable(int capacity) {
    return capacity - capacity / RESERVE;
  }

  /** Gives maps more room, for so many entries if that is known; false if none can have it now. */
  boolean grow(Map<DatapathMap, Integer> full) {
    var wanted = new EnumMap<DatapathMap, Integer>(DatapathMap.class);
    full.forEach((map, needed) -> {
      int now = datapath.maps().capacity(map);
      int larger = larger(now, needed, most(map));
      if (larger > now) {
        wanted.put(map, larger);
      }
    });
    if (wanted.isEmpty()) {
      obstacle = "jilium.lbMapLimit is " + limit + ": agents make it no larger";
      return false;
    }
    if (failed && nanos.getAsLong() - failedAt < PAUSE_NANOS) {
      return false;
    }
    return enlarge(wanted);
  }

  private static int larger(int now, int needed, int most) {
    int larger = now;
    do {
      larger = (int) Math.min(2L * larger, most);
    } while (larger / 2 < needed && larger < most);
    return larger;
  }

  private int most(DatapathMap map) {
    return limit == 0 ? 0 : ServiceSizes.of(limit, 1).of(map);
  }

  private boolean enlarge(Map<DatapathMap, Integer> wanted) {
    var text =
        wanted.entrySet().stream()
            .map(map ->
                "%s from %d to %d"
                    .formatted(
                        map.getKey().mapName(),
                        datapath.maps().capacity(map.getKey()),
                        map.getValue()))
            .collect(Collectors.joining(", "));
    long start = nanos.getAsLong();
    try {
      datapath.enlarge(wanted, packets);
    } catch (RuntimeException e) { // all is as before, whatever it was
      failed = true;
      failedAt = nanos.getAsLong();
      obstacle = "it could not be made larger: " + e.getMessage();
      LOG.warn("maps of services cannot grow ({}): {}", text, e.getMessage());
      return false;
    }
    moved.accept(datapath.maps());
    failed = false;
    obstacle = "";
    count(wanted.keySet());
    var took = Duration.ofNanos(nanos.getAsLong() - start);
    LOG.info("maps of services grew in use, in {} ms: {}", took.toMillis(), text);
    return true;
  }

  /** Why maps did not grow when they had to the last time, one sentence; empty if they did. */
  String obstacle() {
    return obstacle;
  }

  /** How often each map became larger; those that never did are not named. Any thread. */
  Map<DatapathMap, Integer> resizes() {
    return resizes;
  }

  private void count(Set<DatapathMap> larger) {
    var counts = new EnumMap<DatapathMap, Integer>(DatapathMap.class);
    counts.putAll(resizes);
    larger.forEach(map -> counts.merge(map, 1, Integer::sum));
    resizes = Collections.unmodifiableMap(counts);
  }
}
