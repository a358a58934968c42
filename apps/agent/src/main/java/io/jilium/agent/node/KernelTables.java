// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.ipcache.ClaimRules;
import io.jilium.agent.ipcache.IpcacheTable;
import io.jilium.agent.table.Change;
import io.jilium.agent.table.Reconciler;
import io.jilium.agent.table.RowStatus;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.datapath.DeviceEntry;
import io.jilium.datapath.EndpointEntry;
import io.jilium.datapath.EndpointKey;
import io.jilium.datapath.IpcacheEntry;
import io.jilium.datapath.IpcacheKey;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The maps and routes of the node and what they shall hold. Whatever changes a decision makes the
 * cached decisions of all flows stale by a new epoch, after the tables have changed. Belongs to the
 * control thread.
 */
final class KernelTables {
  /** What the tables take from the node. The conditions say when rows that nobody wants may go. */
  record Sources(
      Supplier<Map<Integer, DeviceEntry>> devices,
      Supplier<Map<IpPrefix, Route>> routes,
      BooleanSupplier endpointsKnown,
      BooleanSupplier clusterKnown,
      Runnable changed) {}

  /** The maps, once programs were loaded. */
  private record Maps(
      Programs programs,
      Reconciler<IpAddress, EndpointEntry> endpoints,
      Reconciler<IpPrefix, IpcacheEntry> ipcache,
      Reconciler<Integer, DeviceEntry> devices) {}

  private final Sources sources;
  private final IpcacheTable ipcache;
  private final EndpointRows endpointRows;
  private final Reconciler<IpPrefix, Route> routes;
  private Optional<Maps> maps = Optional.empty();
  private boolean stale;

  KernelTables(NetlinkSocket netlink, Sources sources) {
    this.sources = sources;
    this.endpointRows = new EndpointRows(this::endpointChanged);
    this.ipcache = new IpcacheTable(this::prefixChanged);
    this.routes =
        new Reconciler<>(
            Reconciler.computed(sources.routes()),
            new RouteTarget(netlink),
            sources.clusterKnown(),
            _ -> makeStale());
  }

  /** From now on the maps of the programs are kept as they shall be. */
  void open(Programs programs) {
    if (maps.isPresent()) {
      return;
    }
    BooleanSupplier pruneIpcache =
        () -> sources.clusterKnown().getAsBoolean() && sources.endpointsKnown().getAsBoolean();
    maps =
        Optional.of(
            new Maps(
                programs,
                new Reconciler<>(
                    endpointRows,
                    new MapTarget<>(programs.endpoints(), EndpointKey::new, EndpointKey::address),
                    sources.endpointsKnown(),
                    _ -> makeStale()),
                new Reconciler<>(
                    ipcache,
                    new MapTarget<>(programs.ipcache(), IpcacheKey::new, IpcacheKey::prefix),
                    pruneIpcache,
                    _ -> makeStale()),
                new Reconciler<>(
                    Reconciler.computed(sources.devices()),
                    new MapTarget<>(programs.devices(), Integer::valueOf, Integer::valueOf),
                    () -> true,
                    _ -> makeStale())));
  }

  IpcacheTable ipcache() {
    return ipcache;
  }

  EndpointRows endpointRows() {
    return endpointRows;
  }

  /** An endpoint came, changed or went. */
  void follow(Change<Integer, Endpoint> change, ClaimRules rules) {
    switch (change) {
      case Change.Add<Integer, Endpoint> add -> {
        endpointRows.set(Optional.empty(), Optional.of(add.value()));
        ipcache.set(ClaimRules.endpointResource(add.key()), rules.endpoint(add.value()));
      }
      case Change.Update<Integer, Endpoint> update -> {
        endpointRows.set(Optional.of(update.before()), Optional.of(update.value()));
        ipcache.set(ClaimRules.endpointResource(update.key()), rules.endpoint(update.value()));
      }
      case Change.Remove<Integer, Endpoint> remove -> {
        endpointRows.set(Optional.of(remove.before()), Optional.empty());
        ipcache.clear(ClaimRules.endpointResource(remove.key()));
      }
    }
  }

  /** Brings the maps to what they shall be; full: reads them back first. */
  void reconcileMaps(boolean full) {
    if (maps.isEmpty()) {
      return;
    }
    var open = maps.get();
    if (full) {
      open.endpoints.markAllDirty();
      open.ipcache.markAllDirty();
    }
    open.devices.markAllDirty();
    Failures.collect(open.endpoints::run, open.ipcache::run, open.devices::run);
  }

  void reconcileRoutes() {
    routes.markAllDirty();
    routes.run();
  }

  /** Cached decisions are not valid any more. */
  void makeStale() {
    stale = true;
  }

  /** Raises the epoch if something changed since the last time. */
  void publish() {
    if (stale && maps.isPresent()) {
      stale = false;
      maps.get().programs.runtime().bumpEpoch();
    }
  }

  /** Why one of the addresses is not in the kernel. */
  Optional<String> failure(List<IpAddress> addresses) {
    if (maps.isEmpty()) {
      return Optional.of("the programs are not loaded yet");
    }
    for (var address : addresses) {
      var statuses =
          List.of(
              maps.get().endpoints.status(address),
              maps.get().ipcache.status(ClaimRules.host(address)));
      for (var status : statuses) {
        if (status instanceof RowStatus.Failed failed) {
          return Optional.of(failed.message());
        }
      }
    }
    return Optional.empty();
  }

  RowStatus routeStatus(IpPrefix destination) {
    return routes.status(destination);
  }

  private void endpointChanged(IpAddress address) {
    maps.ifPresent(open -> open.endpoints.markDirty(address));
    sources.changed().run();
  }

  private void prefixChanged(IpPrefix prefix) {
    maps.ifPresent(open -> open.ipcache.markDirty(prefix));
    sources.changed().run();
  }
}
