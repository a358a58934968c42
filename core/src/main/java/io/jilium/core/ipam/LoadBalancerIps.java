// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import io.jilium.core.ipam.LoadBalancerPool.Range;
import io.jilium.core.model.IpAddress;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides which service of the type LoadBalancer has which addresses. A service keeps what it has
 * as long as a pool that it may use has it; then those get theirs that asked for particular
 * addresses, then all others, oldest first. Services with the same sharing key may have the same
 * address if none of their ports is the same.
 */
public final class LoadBalancerIps {
  /**
   * A service.
   *
   * @param key {@code namespace/name}
   * @param v4 whether it is to have an IPv4 address
   * @param requested the only addresses that it wants; empty: any
   * @param sharing whom it shares with
   * @param current what its status has
   */
  public record Service(
      String key,
      Instant created,
      Map<String, String> labels,
      boolean v4,
      boolean v6,
      List<IpAddress> requested,
      Sharing sharing,
      List<IpAddress> current) {

    String namespace() {
      return key.substring(0, key.indexOf('/'));
    }
  }

  /**
   * With whom a service shares its addresses.
   *
   * @param key empty: with nobody
   * @param namespaces other namespaces whose services it shares with; {@code *}: all
   * @param ports {@code TCP/80}
   * @param local pods, if packets go only to pods of the node that they came to: then services that
   *     share must have the same; empty: they go to all
   */
  public record Sharing(
      String key, Set<String> namespaces, Set<String> ports, Optional<Map<String, String>> local) {
    /** With nobody. */
    public static Sharing none() {
      return new Sharing("", Set.of(), Set.of(), Optional.empty());
    }
  }

  /**
   * What a service gets.
   *
   * @param reason one word, as Cilium's condition has it: satisfied, no_pool,
   *     pool_selector_mismatch, already_allocated, out_of_ips
   */
  public record Result(
      List<IpAddress> addresses, boolean satisfied, String reason, String message) {}

  /**
   * How full a pool is.
   *
   * @param conflict with which other pool it overlaps; empty: with none
   */
  public record Usage(String conflict, BigInteger total, BigInteger available, BigInteger used) {}

  /** The whole decision, by key of the service and by name of the pool. */
  public record Plan(Map<String, Result> services, Map<String, Usage> pools) {}

  private final List<LoadBalancerPool> pools;
  private final Map<String, String> conflicts = new HashMap<>();

  /** Who has an address. */
  private final Map<IpAddress, List<Service>> holders = new HashMap<>();

  private final Map<String, List<IpAddress>> given = new LinkedHashMap<>();

  /** By range: nothing below is free. */
  private final Map<Range, IpAddress> cursors = new HashMap<>();

  private LoadBalancerIps(Collection<LoadBalancerPool> all) {
    this.pools =
        all.stream()
            .sorted(
                Comparator.comparing(LoadBalancerPool::created)
                    .thenComparing(LoadBalancerPool::name))
            .toList();
    for (int i = 0; i < pools.size(); i++) {
      Optional<String> conflict = conflict(i);
      if (conflict.isPresent()) {
        conflicts.put(pools.get(i).name(), conflict.get());
      }
    }
  }

  private Optional<String> conflict(int index) {
    LoadBalancerPool pool = pools.get(index);
    if (!pool.fault().isEmpty()) {
      return Optional.of(pool.fault());
    }
    for (int i = 0; i <= index; i++) {
      if (i < index && conflicts.containsKey(pools.get(i).name())) {
        continue;
      }
      Optional<String> overlap = pool.overlap(pools.get(i));
      if (overlap.isPresent()) {
        return overlap;
      }
    }
    return Optional.empty();
  }

  /** Decides for all services and pools at once. */
  public static Plan plan(Collection<LoadBalancerPool> pools, Collection<Service> services) {
    var ips = new LoadBalancerIps(pools);
    List<Service> sorted =
        services.stream()
            .sorted(Comparator.comparing(Service::created).thenComparing(Service::key))
            .toList();
    sorted.forEach(ips::keep);
    Map<String, Result> results = new LinkedHashMap<>();
    for (Service service : sorted) {
      if (!service.requested().isEmpty()) {
        results.put(service.key(), ips.giveRequested(service));
      }
    }
    for (Service service : sorted) {
      if (service.requested().isEmpty()) {
        results.put(service.key(), ips.giveAny(service));
      }
    }
    return new Plan(results, ips.usage());
  }

  private void keep(Service service) {
    given.put(service.key(), new ArrayList<>());
    for (IpAddress address : service.current()) {
      boolean wanted =
          service.requested().isEmpty()
              ? needs(service, address.isV4())
              : service.requested().contains(address);
      if (wanted && usable(service, address, false) && free(service, address)) {
        hold(service, address);
      }
    }
  }

  private void hold(Service service, IpAddress address) {
    holders.computeIfAbsent(address, key -> new ArrayList<>()).add(service);
    list(service).add(address);
  }

  private List<IpAddress> list(Service service) {
    return given.computeIfAbsent(service.key(), key -> new ArrayList<>());
  }

  /** Whether an address of the family is still missing. */
  private boolean needs(Service service, boolean isV4) {
    return (isV4 ? service.v4() : service.v6())
        && list(service).stream().noneMatch(address -> address.isV4() == isV4);
  }

  private boolean usable(Service service, IpAddress address, boolean isNew) {
    return pools.stream().anyMatch(pool -> pool.contains(address) && offers(pool, service, isNew));
  }

  private boolean offers(LoadBalancerPool pool, Service service, boolean isNew) {
    return !(isNew && pool.disabled())
        && !conflicts.containsKey(pool.name())
        && pool.selects().test(service.labels());
  }

  private boolean free(Service service, IpAddress address) {
    return holders.getOrDefault(address, List.of()).stream()
        .allMatch(other -> share(service, other));
  }

  private static boolean share(Service one, Service other) {
    Sharing mine = one.sharing();
    Sharing theirs = other.sharing();
    return !mine.key().isEmpty()
        && mine.key().equals(theirs.key())
        && (one.namespace().equals(other.namespace())
            || (admits(mine, other) && admits(theirs, one)))
        && mine.local().equals(theirs.local())
        && mine.ports().stream().noneMatch(theirs.ports()::contains);
  }

  private static boolean admits(Sharing sharing, Service other) {
    return sharing.namespaces().contains("*") || sharing.namespaces().contains(other.namespace());
  }

  private Result giveRequested(Service service) {
    List<String> refused = new ArrayList<>();
    String reason = "satisfied";
    for (IpAddress address : service.requested()) {
      if (list(service).contains(address)) {
        continue;
      }
      if (!usable(service, address, true)) {
        boolean pooled = pools.stream().anyMatch(pool -> pool.contains(address));
        reason = pooled ? "pool_selector_mismatch" : "no_pool";
        refused.add(
            pooled
                ? address + " is of a pool that this service may not use"
                : "no pool has " + address);
      } else if (!free(service, address)) {
        reason = "already_allocated";
        refused.add(
            address
                + " belongs to service "
                + holders.getOrDefault(address, List.of()).getFirst().key());
      } else {
        hold(service, address);
      }
    }
    return new Result(
        List.copyOf(list(service)), refused.isEmpty(), reason, String.join("; ", refused));
  }

  private Result giveAny(Service service) {
    List<String> missing = new ArrayList<>();
    String reason = "satisfied";
    for (boolean isV4 : new boolean[] {true, false}) {
      if (!needs(service, isV4)) {
        continue;
      }
      Optional<IpAddress> address = shared(service, isV4).or(() -> fresh(service, isV4));
      if (address.isPresent()) {
        hold(service, address.get());
      } else {
        String family = isV4 ? "IPv4" : "IPv6";
        boolean matched = ranges(service, isV4).findAny().isPresent();
        reason = matched ? "out_of_ips" : "no_pool";
        missing.add(
            matched
                ? "all enabled pools with " + family + " addresses for this service are used up"
                : "no enabled pool has " + family + " addresses for this service");
      }
    }
    return new Result(
        List.copyOf(list(service)), missing.isEmpty(), reason, String.join("; ", missing));
  }

  /** The address of a service with which this one shares. */
  private Optional<IpAddress> shared(Service service, boolean isV4) {
    if (service.sharing().key().isEmpty()) {
      return Optional.empty();
    }
    return holders.keySet().stream()
        .filter(address -> address.isV4() == isV4)
        .filter(address -> usable(service, address, true) && free(service, address))
        .min(Comparator.naturalOrder());
  }

  private Stream<Range> ranges(Service service, boolean isV4) {
    return pools.stream()
        .filter(pool -> offers(pool, service, true))
        .flatMap(pool -> pool.ranges().stream())
        .filter(range -> range.first().isV4() == isV4);
  }

  private Optional<IpAddress> fresh(Service service, boolean isV4) {
    return ranges(service, isV4).flatMap(range -> next(range).stream()).findFirst();
  }

  private Optional<IpAddress> next(Range range) {
    IpAddress address = cursors.getOrDefault(range, range.first());
    while (holders.containsKey(address)) {
      if (address.equals(range.last())) {
        return Optional.empty();
      }
      address = address.plus(1);
    }
    cursors.put(range, address);
    return Optional.of(address);
  }

  private Map<String, Usage> usage() {
    Map<String, Usage> usage = new LinkedHashMap<>();
    for (LoadBalancerPool pool : pools) {
      BigInteger total =
          pool.ranges().stream().map(Range::size).reduce(BigInteger.ZERO, BigInteger::add);
      Set<IpAddress> inUse =
          holders.keySet().stream()
              .filter(pool::contains)
              .collect(Collectors.toCollection(HashSet::new));
      @Nullable String conflict = conflicts.get(pool.name());
      BigInteger used = conflict == null ? BigInteger.valueOf(inUse.size()) : BigInteger.ZERO;
      usage.put(
          pool.name(),
          new Usage(conflict == null ? "" : conflict, total, total.subtract(used), used));
    }
    return usage;
  }
}
