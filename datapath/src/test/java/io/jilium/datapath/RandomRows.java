// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.TrafficPolicy;
import io.jilium.core.service.BackendSet;
import io.jilium.core.service.Choice;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.RandomServices;
import java.util.HashMap;
import java.util.Map;

/** Writes random services into the tables, as an agent would: what stays keeps its number. */
final class RandomRows {
  private static final int FIRST_FRONTEND = 1000;

  private final ServiceRows rows;
  private final Map<PortAddress, Integer> backends = new HashMap<>();
  private final Map<BackendSet.Key, Integer> sets = new HashMap<>();
  private final Map<PortAddress, Integer> frontends = new HashMap<>();

  RandomRows(ServiceRows rows) {
    this.rows = rows;
  }

  /** All of them, instead of those before. */
  void write(RandomServices world) {
    rows.clearServices();
    // As if all were this node's: another node decides itself about ports that keep the client.
    RandomServices.NODES.forEach(
        node -> rows.nodeAddress(node.toString(), NodeAddressFlag.OWN, NodeAddressFlag.PORTS));
    var written = new HashMap<BackendSet.Key, BackendSetEntry>();
    world.services().frontends().values().forEach(frontend -> write(frontend, written));
    world
        .services()
        .wholeAddresses()
        .forEach((address, type) -> rows.whole(address.toString(), type));
  }

  private void write(Frontend frontend, Map<BackendSet.Key, BackendSetEntry> written) {
    var address = frontend.address();
    int number = frontends.computeIfAbsent(address, _ -> FIRST_FRONTEND + frontends.size());
    var policy = frontend.policy();
    int flags = policy.fromOutside() ? FrontendFlag.FROM_OUTSIDE.number() : 0;
    flags |= policy.external() == TrafficPolicy.LOCAL ? FrontendFlag.KEEP_CLIENT.number() : 0;
    for (var range : policy.ranges()) {
      flags |= FrontendFlag.RANGES.number();
      rows.range(number, range.toString());
    }
    rows.maps()
        .frontends()
        .put(
            new FrontendKey(address.address(), address.port(), address.protocol().number()),
            new FrontendEntry(
                number,
                flags,
                frontend.type().number(),
                policy.affinitySeconds(),
                set(frontend.inside(), written),
                set(frontend.outside(), written)));
  }

  private BackendSetEntry set(BackendSet set, Map<BackendSet.Key, BackendSetEntry> written) {
    var known = written.get(set.key());
    if (known != null) {
      return known;
    }
    int number = sets.computeIfAbsent(set.key(), _ -> sets.size() + 1);
    int[] ids =
        set.usable().stream()
            .mapToInt(backend -> backends.computeIfAbsent(backend.address(), this::backend))
            .toArray();
    int flags = set.choice() == Choice.DROP ? SetFlag.DROP.number() : 0;
    var entry = rows.set(number, flags, ids);
    written.put(set.key(), entry);
    return entry;
  }

  private int backend(PortAddress address) {
    return rows.backend(address.address().toString(), address.port(), address.protocol().number());
  }
}
