// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.ipcache;

import io.jilium.agent.state.IpcacheRow;
import io.jilium.agent.table.Reconciler;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.datapath.IpcacheEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Who says what of which prefix, and what holds. Changed on the control thread; {@link #snapshot}
 * is for everybody.
 */
public final class IpcacheTable implements Reconciler.Desired<IpPrefix, IpcacheEntry> {
  private final Map<IpPrefix, List<Claim>> claims = new HashMap<>();
  private final Map<String, Map<IpPrefix, Claim>> byResource = new HashMap<>();
  private final Consumer<IpPrefix> changed;
  private final Map<IpPrefix, IpcacheRow> rows = new TreeMap<>(Comparator.naturalOrder());

  /** changed is told every prefix that may have another winner now. */
  public IpcacheTable(Consumer<IpPrefix> changed) {
    this.changed = changed;
  }

  /** Replaces all that the resource said before. */
  public void set(String resource, Map<IpPrefix, Claim> next) {
    var before =
        next.isEmpty() ? byResource.remove(resource) : byResource.put(resource, Map.copyOf(next));
    Set<IpPrefix> touched = new LinkedHashSet<>(next.keySet());
    if (before != null) {
      if (before.equals(next)) {
        return;
      }
      touched.addAll(before.keySet());
    }
    for (var prefix : touched) {
      var old = before == null ? null : before.get(prefix);
      var now = next.get(prefix);
      if (old != null && old.equals(now)) {
        continue;
      }
      var list = claims.computeIfAbsent(prefix, _ -> new ArrayList<>(1));
      list.removeIf(claim -> claim.resource().equals(resource));
      if (now != null) {
        list.add(now);
      }
      if (list.isEmpty()) {
        claims.remove(prefix);
      }
      decide(prefix);
    }
  }

  public void clear(String resource) {
    set(resource, Map.of());
  }

  /** Drops all that resources with names of this beginning say, unless they are kept. */
  public void retain(String prefix, Set<String> kept) {
    var gone =
        byResource.keySet().stream()
            .filter(r -> r.startsWith(prefix) && !kept.contains(r))
            .toList();
    gone.forEach(this::clear);
  }

  @Override
  public Map<IpPrefix, IpcacheEntry> rows() {
    var entries = new LinkedHashMap<IpPrefix, IpcacheEntry>();
    for (var prefix : claims.keySet()) {
      row(prefix).ifPresent(entry -> entries.put(prefix, entry));
    }
    return entries;
  }

  @Override
  public Optional<IpcacheEntry> row(IpPrefix prefix) {
    return Claim.winner(claims.getOrDefault(prefix, List.of())).map(IpcacheTable::entry);
  }

  /** Sorted by prefix. */
  public List<IpcacheRow> snapshot() {
    synchronized (rows) {
      return List.copyOf(rows.values());
    }
  }

  private void decide(IpPrefix prefix) {
    var winner = Claim.winner(claims.getOrDefault(prefix, List.of()));
    synchronized (rows) {
      if (winner.isPresent()) {
        rows.put(prefix, shown(prefix, winner.get()));
      } else {
        rows.remove(prefix);
      }
    }
    changed.accept(prefix);
  }

  private static IpcacheEntry entry(Claim claim) {
    return new IpcacheEntry(
        claim.identity(),
        claim.tunnelEndpoint().orElse(IpAddress.v4(0)),
        claim.flags(),
        claim.encryptKey());
  }

  private static IpcacheRow shown(IpPrefix prefix, Claim claim) {
    return new IpcacheRow(
        prefix,
        claim.identity(),
        claim.tunnelEndpoint(),
        claim.flags(),
        claim.encryptKey(),
        claim.source().text(),
        claim.pod());
  }
}
