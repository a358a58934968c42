// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.TrafficPolicy;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.FrontendType;
import io.jilium.core.service.IdPool;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.BackendSetEntry;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.FrontendEntry;
import io.jilium.datapath.FrontendFlag;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.FrontendMap;
import io.jilium.datapath.MapFull;
import io.jilium.datapath.RangeKey;
import io.jilium.datapath.SourceRangeMap;
import io.jilium.linux.sys.LinuxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The frontends in the kernel and the source ranges that belong to them. A frontend keeps its
 * number as long as it is there, and over restarts of the agent.
 */
final class FrontendRows {
  private static final BackendSetEntry NONE = new BackendSetEntry(0, 0, 0, 0);

  /** More than fit into the table: a number that became free is not used again at once. */
  private static final int IDS_PER_FRONTEND = 4;

  private FrontendMap frontends;
  private SourceRangeMap ranges;
  private final IdPool ids;
  private final Map<FrontendKey, FrontendEntry> mirror = new HashMap<>();
  private final Map<FrontendKey, Integer> numbers = new HashMap<>();
  private final Set<RangeKey> written = new HashSet<>();
  private Set<FrontendKey> changed = new HashSet<>();

  FrontendRows(FrontendMap frontends, SourceRangeMap ranges) {
    this.frontends = frontends;
    this.ranges = ranges;
    this.ids = new IdPool(frontends.capacity() * IDS_PER_FRONTEND);
  }

  /** Goes on with maps that have the same in them, and more room. */
  void moveTo(FrontendMap larger, SourceRangeMap largerRanges) {
    frontends = larger;
    ranges = largerRanges;
    ids.grow(frontends.capacity() * IDS_PER_FRONTEND);
  }

  static FrontendKey key(PortAddress address) {
    return new FrontendKey(address.address(), address.port(), address.protocol().number());
  }

  static FrontendKey whole(IpAddress address) {
    return new FrontendKey(address, 0, 0);
  }

  /** Reads back what is in the kernel. */
  void read() {
    mirror.clear();
    mirror.putAll(frontends.entries());
    mirror.forEach((key, entry) -> {
      if (!numbers.containsKey(key) && ids.take(entry.id())) {
        numbers.put(key, entry.id());
      }
    });
    written.clear();
    ranges.forEach((key, _) -> written.add(key));
  }

  /** What was written or removed since the last call; what could not be counts too. */
  Set<FrontendKey> changed() {
    var all = changed;
    changed = new HashSet<>();
    return all;
  }

  /** The keys that are in the kernel. */
  Set<FrontendKey> keys() {
    return Set.copyOf(mirror.keySet());
  }

  /** How full the table is. */
  ServiceView.Use use() {
    return new ServiceView.Use(DatapathMap.FRONTENDS, mirror.size(), frontends.capacity());
  }

  Collection<FrontendEntry> entries() {
    return mirror.values();
  }

  Optional<FrontendEntry> entry(FrontendKey key) {
    return Optional.ofNullable(mirror.get(key));
  }

  private int number(FrontendKey key) {
    var known = numbers.get(key);
    if (known != null) {
      return known;
    }
    int id =
        ids.take().orElseThrow(() -> new TableFull(DatapathMap.FRONTENDS, frontends.capacity()));
    numbers.put(key, id);
    return id;
  }

  FrontendEntry encode(Frontend frontend, BackendSetEntry inside, BackendSetEntry outside) {
    var policy = frontend.policy();
    int flags =
        flag(FrontendFlag.FROM_OUTSIDE, policy.fromOutside())
            | flag(FrontendFlag.KEEP_CLIENT, policy.external() == TrafficPolicy.LOCAL)
            | flag(FrontendFlag.RANGES, !policy.ranges().isEmpty())
            | flag(FrontendFlag.RANGES_DENY, policy.rangesDeny());
    return new FrontendEntry(
        number(key(frontend.address())),
        flags,
        frontend.type().number(),
        policy.affinitySeconds(),
        inside,
        outside);
  }

  FrontendEntry encode(IpAddress address, FrontendType type) {
    int flags = FrontendFlag.WHOLE_ADDRESS.number() | FrontendFlag.FROM_OUTSIDE.number();
    return new FrontendEntry(number(whole(address)), flags, type.number(), 0, NONE, NONE);
  }

  private static int flag(FrontendFlag flag, boolean set) {
    return set ? flag.number() : 0;
  }

  /** Ranges are there before the frontend asks for them. */
  void allow(Frontend frontend) {
    int id = number(key(frontend.address()));
    for (var prefix : frontend.policy().ranges()) {
      put(new RangeKey(id, prefix));
    }
  }

  private void put(RangeKey key) {
    if (!written.contains(key)) {
      ranges.put(key, 1);
      written.add(key);
    }
  }

  /** Takes away the ranges of a frontend that it has no more; all of them when it is gone. */
  void retain(FrontendKey frontend, List<IpPrefix> prefixes) {
    var id = numbers.get(frontend);
    if (id == null || written.isEmpty()) {
      return;
    }
    var gone = new ArrayList<RangeKey>();
    for (var key : written) {
      if (key.frontend() == id && !prefixes.contains(key.prefix())) {
        gone.add(key);
      }
    }
    gone.forEach(ranges::delete);
    gone.forEach(written::remove);
  }

  /** Takes away the ranges of frontends that are not there. */
  void pruneRanges() {
    var known = new HashSet<Integer>();
    mirror.values().forEach(entry -> known.add(entry.id()));
    var gone = written.stream().filter(key -> !known.contains(key.frontend())).toList();
    gone.forEach(ranges::delete);
    gone.forEach(written::remove);
  }

  /** Writes what differs; returns why some could not be written. */
  Map<FrontendKey, String> write(Map<FrontendKey, FrontendEntry> wanted) {
    var different = new LinkedHashMap<FrontendKey, FrontendEntry>();
    wanted.forEach((key, entry) -> {
      if (!entry.equals(mirror.get(key))) {
        different.put(key, entry);
      }
    });
    changed.addAll(different.keySet());
    try {
      frontends.putAll(different);
      mirror.putAll(different);
      return Map.of();
    } catch (LinuxException e) {
      return oneByOne(different);
    }
  }

  private Map<FrontendKey, String> oneByOne(Map<FrontendKey, FrontendEntry> different) {
    var failures = new LinkedHashMap<FrontendKey, String>();
    different.forEach((key, entry) -> {
      try {
        frontends.put(key, entry);
        mirror.put(key, entry);
      } catch (MapFull e) {
        failures.put(key, String.valueOf(e.getMessage()));
      }
    });
    return failures;
  }

  /** Takes frontends away. */
  void remove(Collection<FrontendKey> gone) {
    var present = gone.stream().filter(mirror::containsKey).toList();
    frontends.deleteAll(present);
    changed.addAll(present);
    for (var key : gone) {
      mirror.remove(key);
      retain(key, List.of());
      var id = numbers.remove(key);
      if (id != null) {
        ids.release(id);
      }
    }
  }

  /** The number of a frontend, if it has one. */
  Optional<Integer> id(FrontendKey key) {
    return Optional.ofNullable(numbers.get(key));
  }
}
