// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.Protocol;
import io.jilium.core.service.Changes;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.SocketDirection;
import io.jilium.datapath.SocketFlowEntry;
import io.jilium.datapath.SocketFlowKey;
import io.jilium.datapath.SocketFlowMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Makes UDP sockets forget backends that do not serve any more: their next datagram goes on. */
final class SocketCuts {
  private final SocketFlowMap flows;

  SocketCuts(SocketFlowMap flows) {
    this.flows = flows;
  }

  /**
   * What is forgotten: a backend, and the numbers of the frontends through which it was reached.
   */
  private static Map<PortAddress, Set<Integer>> wanted(
      Collection<Changes.Cut> cuts, ServiceTables tables) {
    var wanted = new HashMap<PortAddress, Set<Integer>>();
    for (var cut : cuts) {
      var ids = wanted.computeIfAbsent(cut.backend(), _ -> new HashSet<>());
      cut.frontends().forEach(frontend -> ids.add(tables.id(frontend)));
    }
    return wanted;
  }

  /** Reads all of them once, however many cuts there are; returns how many were forgotten. */
  int apply(Collection<Changes.Cut> cuts, ServiceTables tables) {
    if (cuts.isEmpty()) {
      return 0;
    }
    var wanted = wanted(cuts, tables);
    var doomed = new ArrayList<SocketFlowKey>();
    flows.forEach((key, entry) -> {
      var ids = wanted.get(backend(key, entry));
      if (ids != null && ids.contains(entry.frontend())) {
        doomed.add(key);
      }
    });
    return flows.deleteAll(doomed);
  }

  private static PortAddress backend(SocketFlowKey key, SocketFlowEntry entry) {
    return key.direction() == SocketDirection.REVERSE.number()
        ? new PortAddress(key.address(), key.port(), Protocol.UDP)
        : new PortAddress(entry.address(), entry.port(), Protocol.UDP);
  }
}
