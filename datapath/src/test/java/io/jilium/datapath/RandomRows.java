// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.TrafficPolicy;
import io.jilium.core.service.BackendSet;
import io.jilium.core.service.Choice;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.RandomServices;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes random services into the tables, as an agent would: what stays keeps its number. */
final class RandomRows {
  private static final int FIRST_FRONTEND = 1000;

  private final ServiceRows rows;
  private final Map<PortAddress, Integer> backends = new HashMap<>();
  private final Map<BackendSet.Key, Row> sets = new HashMap<>();
  private final Map<PortAddress, Integer> frontends = new HashMap<>();
  private final Map<FrontendKey, FrontendEntry> written = new HashMap<>();

  private record Members(List<Integer> backends, int flags) {}

  private record Row(Members members, BackendSetEntry entry) {}

  RandomRows(ServiceRows rows) {
    this.rows = rows;
  }

  /** All of them, instead of those before; returns where something has changed. */
  Set<FrontendKey> write(RandomServices world) {
    // As if all were this node's: another node decides itself about ports that keep the client.
    RandomServices.NODES.forEach(
        node -> rows.nodeAddress(node.toString(), NodeAddressFlag.OWN, NodeAddressFlag.PORTS));
    var wanted = new HashMap<FrontendKey, FrontendEntry>();
    for (var frontend : world.services().frontends().values()) {
      var at = frontend.address();
      wanted.put(new FrontendKey(at.address(), at.port(), at.protocol().number()), entry(frontend));
    }
    world
        .services()
        .wholeAddresses()
        .forEach((address, type) ->
            wanted.put(new FrontendKey(address, 0, 0), ServiceRows.wholeEntry(type)));
    var changed = new HashSet<FrontendKey>();
    wanted.forEach((key, entry) -> {
      if (!entry.equals(written.put(key, entry))) {
        rows.maps().frontends().put(key, entry);
        changed.add(key);
      }
    });
    for (var key : Set.copyOf(written.keySet())) {
      if (!wanted.containsKey(key)) {
        written.remove(key);
        rows.maps().frontends().delete(key);
        changed.add(key);
      }
    }
    return changed;
  }

  private FrontendEntry entry(Frontend frontend) {
    int number =
        frontends.computeIfAbsent(frontend.address(), _ -> FIRST_FRONTEND + frontends.size());
    var policy = frontend.policy();
    int flags = policy.fromOutside() ? FrontendFlag.FROM_OUTSIDE.number() : 0;
    flags |= policy.external() == TrafficPolicy.LOCAL ? FrontendFlag.KEEP_CLIENT.number() : 0;
    for (var range : policy.ranges()) {
      flags |= FrontendFlag.RANGES.number();
      rows.range(number, range.toString());
    }
    return new FrontendEntry(
        number,
        flags,
        frontend.type().number(),
        policy.affinitySeconds(),
        set(frontend.inside()),
        set(frontend.outside()));
  }

  /** A set that changes gets other slots. */
  private BackendSetEntry set(BackendSet set) {
    int[] ids =
        set.usable().stream()
            .mapToInt(backend -> backends.computeIfAbsent(backend.address(), this::backend))
            .toArray();
    int flags = set.choice() == Choice.DROP ? SetFlag.DROP.number() : 0;
    var members = new Members(Arrays.stream(ids).boxed().toList(), flags);
    var known = sets.get(set.key());
    if (known == null || !known.members().equals(members)) {
      int number = known == null ? sets.size() + 1 : known.entry().id();
      known = new Row(members, rows.set(number, flags, ids));
      sets.put(set.key(), known);
    }
    return known.entry();
  }

  private int backend(PortAddress address) {
    return rows.backend(address.address().toString(), address.port(), address.protocol().number());
  }
}
