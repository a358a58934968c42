// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.service.BackendSet;
import io.jilium.core.service.Changes;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.FrontendType;
import io.jilium.core.service.Maglev;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.Services;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.FrontendEntry;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.MapFull;
import io.jilium.datapath.ServiceMaps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the kernel's tables of services what the decisions say, by difference and in an order in
 * which no connection meets half of a change: backends and their sets, then the frontends that name
 * them, then away with what no frontend names any more.
 *
 * <p>What does not fit is left out, told, and tried again. For the control thread.
 */
final class ServiceTables {
  private final BackendRows backends;
  private final SetRows sets;
  private final FrontendRows frontends;
  private final Map<FrontendKey, Used> used = new HashMap<>();
  private final Map<FrontendKey, String> failures = new TreeMap<>(ORDER);

  /** The slots that frontends need for which a map had no room. */
  private final Map<FrontendKey, Integer> unplaced = new HashMap<>();

  private final Set<DatapathMap> refused = EnumSet.noneOf(DatapathMap.class);

  private static final java.util.Comparator<FrontendKey> ORDER =
      java.util.Comparator.comparing(FrontendKey::address)
          .thenComparingInt(FrontendKey::port)
          .thenComparingInt(FrontendKey::protocol);

  /** The sets that a frontend names. */
  private record Used(BackendSet.Key inside, BackendSet.Key outside) {}

  /**
   * Takes over what a former agent left.
   *
   * @param drop whether a service without backends gives no answer, instead of a refusal
   * @param nanos a clock
   */
  ServiceTables(ServiceMaps maps, Maglev maglev, boolean drop, LongSupplier nanos) {
    backends = new BackendRows(maps.backends());
    sets = new SetRows(kernel(maps), maglev, backends, drop, nanos);
    frontends = new FrontendRows(maps.frontends(), maps.sourceRanges());
    backends.restore();
    frontends.read();
    for (var entry : frontends.entries()) {
      sets.inherit(entry.inside());
      sets.inherit(entry.outside());
    }
  }

  private static SetRows.Kernel kernel(ServiceMaps maps) {
    return new SetRows.Kernel(maps.slots(), maps.maglev(), maps.members());
  }

  /** Goes on with maps that have the same in them, and more room. */
  void moveTo(ServiceMaps larger) {
    backends.moveTo(larger.backends());
    frontends.moveTo(larger.frontends(), larger.sourceRanges());
    sets.moveTo(kernel(larger));
  }

  /** Brings changes into the kernel. */
  void apply(Changes changes) {
    changes.backends().forEach(backends::update);
    var wanted = new LinkedHashMap<FrontendKey, FrontendEntry>();
    var using = new HashMap<FrontendKey, Used>();
    var gone = new ArrayList<FrontendKey>();
    changes
        .frontends()
        .forEach((address, frontend) -> {
          var key = FrontendRows.key(address);
          frontend.ifPresentOrElse(
              present -> prepare(key, present, wanted, using), () -> gone.add(key));
        });
    changes
        .addresses()
        .forEach((address, type) -> {
          var key = FrontendRows.whole(address);
          type.ifPresentOrElse(present -> prepare(key, present, wanted), () -> gone.add(key));
        });
    gone.forEach(failures::remove);
    write(wanted, using);
    changes
        .frontends()
        .forEach((address, frontend) ->
            frontend.ifPresent(
                f -> frontends.retain(FrontendRows.key(address), f.policy().ranges())));
    frontends.remove(gone);
    gone.forEach(this::release);
    sets.settle();
    backends.sweep();
  }

  /**
   * Makes everything as it shall be, whatever was there: after a start, and now and then. To be
   * called when all services are known, for what is not known goes.
   */
  void repair(Services services) {
    frontends.read();
    backends.repair();
    sets.verify();
    var changes =
        new Changes(new LinkedHashMap<>(), new LinkedHashMap<>(), Map.of(), List.of(), Map.of());
    services.frontends().forEach((address, f) -> changes.frontends().put(address, Optional.of(f)));
    services
        .wholeAddresses()
        .forEach((address, type) -> changes.addresses().put(address, Optional.of(type)));
    var extra = new ArrayList<FrontendKey>();
    for (var key : frontends.keys()) {
      if (!isWanted(key, changes)) {
        extra.add(key);
      }
    }
    apply(changes);
    frontends.remove(extra);
    extra.forEach(this::release);
    frontends.pruneRanges();
    sets.disinherit();
    sets.prune();
    backends.sweep();
  }

  /** As {@link #apply}, for everything that an agent knows when it starts. */
  void start(Services services) {
    services.backends().forEach(backends::update);
    repair(services);
  }

  private static boolean isWanted(FrontendKey key, Changes changes) {
    if (key.port() == 0) {
      return changes.addresses().containsKey(key.address());
    }
    return Protocol.of(key.protocol())
        .filter(Protocol::hasPorts)
        .filter(protocol ->
            changes.frontends().containsKey(new PortAddress(key.address(), key.port(), protocol)))
        .isPresent();
  }

  private void prepare(
      FrontendKey key,
      Frontend frontend,
      Map<FrontendKey, FrontendEntry> wanted,
      Map<FrontendKey, Used> using) {
    var before = frontends.entry(key);
    try {
      boolean remembered =
          frontend.address().protocol() == Protocol.UDP || frontend.policy().affinitySeconds() > 0;
      frontends.allow(frontend);
      var inside = sets.current(frontend.inside(), before.map(FrontendEntry::inside), remembered);
      var outside =
          sets.current(frontend.outside(), before.map(FrontendEntry::outside), remembered);
      wanted.put(key, frontends.encode(frontend, inside, outside));
      var names = new Used(frontend.inside().key(), frontend.outside().key());
      using.put(key, names);
      use(names);
    } catch (TableFull e) {
      refused.add(e.map());
      keep(key, e, wanted);
      unplaced.put(key, slots(frontend));
    } catch (MapFull e) {
      refused.add(e.map());
      keep(key, e, wanted);
      unplaced.put(key, slots(frontend));
    }
  }

  private static int slots(Frontend frontend) {
    return frontend.inside().usable().size() + frontend.outside().usable().size();
  }

  private void keep(FrontendKey key, RuntimeException why, Map<FrontendKey, FrontendEntry> wanted) {
    failures.put(key, String.valueOf(why.getMessage()));
    frontends.entry(key).ifPresent(entry -> wanted.put(key, follow(entry, used.get(key))));
  }

  /** What stays as it was still has to follow its sets, which others may have changed. */
  private FrontendEntry follow(FrontendEntry entry, @Nullable Used names) {
    return names == null
        ? entry
        : new FrontendEntry(
            entry.id(),
            entry.flags(),
            entry.type(),
            entry.affinitySeconds(),
            sets.entry(names.inside()).orElse(entry.inside()),
            sets.entry(names.outside()).orElse(entry.outside()));
  }

  private void prepare(FrontendKey key, FrontendType type, Map<FrontendKey, FrontendEntry> wanted) {
    try {
      wanted.put(key, frontends.encode(key.address(), type));
    } catch (TableFull e) {
      refused.add(e.map());
      failures.put(key, String.valueOf(e.getMessage()));
    }
  }

  private void write(Map<FrontendKey, FrontendEntry> wanted, Map<FrontendKey, Used> using) {
    var failed = frontends.write(wanted);
    for (var key : wanted.keySet()) {
      var message = failed.get(key);
      var names = using.get(key);
      if (message == null) {
        if (names != null || key.port() == 0) {
          failures.remove(key);
        }
        if (names != null) {
          release(key);
          used.put(key, names);
        }
      } else {
        refused.add(DatapathMap.FRONTENDS);
        failures.put(key, message);
        if (names != null) {
          release(names);
        }
      }
    }
  }

  private void use(Used names) {
    sets.use(names.inside());
    sets.use(names.outside());
  }

  private void release(Used names) {
    sets.release(names.inside());
    sets.release(names.outside());
  }

  private void release(FrontendKey key) {
    var names = used.remove(key);
    if (names != null) {
      release(names);
    }
  }

  /** Tries once more what did not fit; returns whether all is in the kernel now. */
  boolean retry(Services services) {
    if (failures.isEmpty()) {
      return true;
    }
    backends.retry();
    var again = new LinkedHashMap<PortAddress, Optional<Frontend>>();
    var addresses = new LinkedHashMap<IpAddress, Optional<FrontendType>>();
    for (var key : List.copyOf(failures.keySet())) {
      if (key.port() == 0) {
        addresses.put(key.address(), services.whole(key.address()));
      } else {
        var address =
            new PortAddress(key.address(), key.port(), Protocol.of(key.protocol()).orElseThrow());
        again.put(address, services.frontend(address));
      }
    }
    apply(new Changes(again, addresses, Map.of(), List.of(), Map.of()));
    return failures.isEmpty();
  }

  /**
   * The maps that had no room since the last call, and those that soon have none; with the entries
   * that they need at most, 0 where that is not known. With them those that are half full, which
   * would be the next.
   */
  Map<DatapathMap, Integer> full() {
    var full = new EnumMap<DatapathMap, Integer>(DatapathMap.class);
    var needs = needs();
    refused.forEach(map -> full.put(map, needs.getOrDefault(map, 0)));
    var uses = uses();
    for (var use : uses) {
      int needed = needs.getOrDefault(use.map(), 0);
      if (needed > MapGrowth.usable(use.capacity())) {
        full.put(use.map(), needed);
      }
    }
    if (!full.isEmpty()) {
      uses.stream()
          .filter(use -> use.used() > use.capacity() / 2)
          .forEach(use -> full.putIfAbsent(use.map(), use.used()));
    }
    refused.clear();
    unplaced.clear();
    return full;
  }

  private Map<DatapathMap, Integer> needs() {
    int absent = 0;
    int slots = 0;
    for (var key : failures.keySet()) {
      absent += frontends.entry(key).isPresent() ? 0 : 1;
      slots += unplaced.getOrDefault(key, 0);
    }
    var needs = new EnumMap<DatapathMap, Integer>(DatapathMap.class);
    uses().forEach(use -> needs.put(use.map(), use.used()));
    needs.merge(DatapathMap.FRONTENDS, absent, Integer::sum);
    needs.merge(DatapathMap.BACKEND_SLOTS, slots, Integer::sum);
    needs.put(DatapathMap.MEMBERS, sets.memberCapacity() + slots);
    return needs;
  }

  /** Where the kernel's answers have changed since the last call. */
  Set<FrontendKey> changed() {
    return frontends.changed();
  }

  /** Why some frontends are not in the kernel as they shall be, by address. */
  Map<FrontendKey, String> failures() {
    return Collections.unmodifiableMap(failures);
  }

  /** The number of a frontend, 0 when it is not in the kernel. */
  int id(PortAddress address) {
    return frontends.id(FrontendRows.key(address)).orElse(0);
  }

  /** The number of a backend, 0 when it is not in the kernel. */
  int backendId(PortAddress address) {
    return backends.find(address).orElse(0);
  }

  /** Connections that were given to a backend. */
  long connections(PortAddress backend) {
    return backends.connections(backend);
  }

  /** How full the tables are, by name. */
  List<ServiceView.Use> uses() {
    return List.of(
        frontends.use(),
        new ServiceView.Use(DatapathMap.BACKENDS, backends.size(), backends.capacity()),
        new ServiceView.Use(DatapathMap.BACKEND_SLOTS, sets.usedSlots(), sets.slotCapacity()));
  }
}
