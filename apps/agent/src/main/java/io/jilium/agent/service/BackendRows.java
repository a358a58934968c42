// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.Protocol;
import io.jilium.core.service.Backend;
import io.jilium.core.service.BackendState;
import io.jilium.core.service.IdPool;
import io.jilium.core.service.Owner;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.BackendArray;
import io.jilium.datapath.BackendEntry;
import io.jilium.datapath.DatapathMap;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The backends in the kernel. A backend keeps its number as long as somebody lists it, and over
 * restarts of the agent. If several services list it in different states, the best one counts.
 */
final class BackendRows {
  private static final class Row {
    /** 0: the table was full. */
    int id;

    final int[] listedAs = new int[BackendState.values().length];
    BackendState state;

    Row(BackendState state) {
      this.state = state;
    }

    boolean isListed() {
      for (int count : listedAs) {
        if (count > 0) {
          return true;
        }
      }
      return false;
    }

    BackendState best() {
      for (var candidate : BackendState.values()) {
        if (listedAs[index(candidate)] > 0) {
          return candidate;
        }
      }
      return state;
    }
  }

  private BackendArray array;
  private final IdPool ids;
  private final Map<PortAddress, Row> rows = new HashMap<>();
  private final Map<Owner, List<Backend>> listed = new HashMap<>();
  private final Set<PortAddress> unlisted = new LinkedHashSet<>();
  private final Set<PortAddress> missing = new LinkedHashSet<>();

  BackendRows(BackendArray array) {
    this.array = array;
    this.ids = new IdPool(array.capacity() - 1);
  }

  /** Goes on with an array that has the same in it, and more room. */
  void moveTo(BackendArray larger) {
    array = larger;
    ids.grow(capacity());
  }

  @SuppressWarnings("EnumOrdinal") // an index into an array of the same length
  private static int index(BackendState state) {
    return state.ordinal();
  }

  /** Takes over what a former agent left; whatever nobody lists goes with the next sweep. */
  void restore() {
    for (int id = 1; id < array.capacity(); id++) {
      var entry = array.get(id);
      if (entry.isPresent()) {
        restore(id, entry.get());
      }
    }
  }

  private void restore(int id, BackendEntry entry) {
    var protocol = Protocol.of(entry.protocol()).filter(Protocol::hasPorts);
    var address = protocol.map(known -> new PortAddress(entry.address(), entry.port(), known));
    if (address.isEmpty() || rows.containsKey(address.get())) {
      array.remove(id);
      return;
    }
    var row = new Row(BackendState.of(entry.state()).orElse(BackendState.ACTIVE));
    row.id = ids.take(id) ? id : 0;
    rows.put(address.get(), row);
    unlisted.add(address.get());
  }

  /** What an owner lists now. New backends are in the kernel when this returns. */
  void update(Owner owner, List<Backend> now) {
    var before = now.isEmpty() ? listed.remove(owner) : listed.put(owner, now);
    for (var backend : now) {
      var row = row(backend);
      row.listedAs[index(backend.state())]++;
      unlisted.remove(backend.address());
    }
    if (before != null) {
      for (var backend : before) {
        forget(backend);
      }
    }
    now.forEach(backend -> settle(backend.address()));
  }

  private Row row(Backend backend) {
    var known = rows.get(backend.address());
    if (known != null) {
      return known;
    }
    var row = new Row(backend.state());
    rows.put(backend.address(), row);
    write(backend.address(), row);
    return row;
  }

  private void write(PortAddress address, Row row) {
    var id = ids.take();
    if (id.isPresent()) {
      row.id = id.getAsInt();
      array.put(row.id, entry(address, row.state));
    } else {
      missing.add(address);
    }
  }

  /** Tries once more what did not fit. */
  void retry() {
    for (var address : List.copyOf(missing)) {
      missing.remove(address);
      var row = rows.get(address);
      if (row != null && row.id == 0) {
        write(address, row);
      }
    }
  }

  private void forget(Backend backend) {
    var row = rows.get(backend.address());
    if (row != null && row.listedAs[index(backend.state())] > 0) {
      row.listedAs[index(backend.state())]--;
      if (!row.isListed()) {
        unlisted.add(backend.address());
      }
      settle(backend.address());
    }
  }

  private void settle(PortAddress address) {
    var row = rows.get(address);
    if (row != null && row.best() != row.state) {
      row.state = row.best();
      if (row.id != 0) {
        array.state(row.id, row.state.number());
      }
    }
  }

  private static BackendEntry entry(PortAddress address, BackendState state) {
    return new BackendEntry(
        address.address(), address.port(), address.protocol().number(), state.number(), 0);
  }

  /** The numbers of backends that are listed. */
  int[] ids(Collection<Backend> backends) {
    return backends.stream().mapToInt(backend -> id(backend.address())).toArray();
  }

  /** The number of a backend that is listed. */
  int id(PortAddress address) {
    var row = rows.get(address);
    if (row == null || row.id == 0) {
      throw new TableFull(DatapathMap.BACKENDS, array.capacity());
    }
    return row.id;
  }

  /** The number of a backend, if it has one. */
  Optional<Integer> find(PortAddress address) {
    return Optional.ofNullable(rows.get(address)).map(row -> row.id).filter(id -> id != 0);
  }

  /** Takes away what nobody lists; to be called when no set in the kernel names it any more. */
  void sweep() {
    for (var address : unlisted) {
      var row = rows.remove(address);
      if (row != null && row.id != 0) {
        array.remove(row.id);
        ids.release(row.id);
      }
    }
    unlisted.clear();
  }

  /** Writes what is not as it shall be; returns how many that were. */
  int repair() {
    int repaired = 0;
    for (var row : rows.entrySet()) {
      if (row.getValue().id == 0) {
        continue;
      }
      var wanted = entry(row.getKey(), row.getValue().state);
      var actual = array.get(row.getValue().id);
      boolean same =
          actual
              .filter(a ->
                  a.address().equals(wanted.address())
                      && a.port() == wanted.port()
                      && a.protocol() == wanted.protocol()
                      && a.state() == wanted.state())
              .isPresent();
      if (!same) {
        array.put(row.getValue().id, wanted);
        repaired++;
      }
    }
    return repaired;
  }

  /** Connections that programs gave to a backend since it is listed. */
  long connections(PortAddress address) {
    return find(address).flatMap(array::get).map(BackendEntry::connections).orElse(0L);
  }

  int capacity() {
    return array.capacity() - 1;
  }

  int size() {
    return rows.size();
  }
}
