// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.Protocol;
import io.jilium.core.service.Changes;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.Services;
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
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * Makes UDP sockets forget backends that do not serve any more: the next datagram of one that is
 * not connected goes on to another, and one that is connected is aborted.
 */
final class SocketCuts {
  private SocketFlowMap flows;
  private final Consumer<Collection<Long>> aborts;

  /**
   * @param aborts gets the cookies of sockets that may be connected to what serves no more
   */
  SocketCuts(SocketFlowMap flows, Consumer<Collection<Long>> aborts) {
    this.flows = flows;
    this.aborts = aborts;
  }

  /** Goes on with another handle of the map. */
  void moveTo(SocketFlowMap same) {
    flows = same;
  }

  /**
   * What is to be forgotten: a backend, and the numbers of the frontends through which it was
   * reached. To be asked for before the change, which may take frontends away.
   */
  static Map<PortAddress, Set<Integer>> wanted(Collection<Changes.Cut> cuts, ServiceTables tables) {
    var wanted = new HashMap<PortAddress, Set<Integer>>();
    for (var cut : cuts) {
      var ids = wanted.computeIfAbsent(cut.backend(), _ -> new HashSet<>());
      cut.frontends().forEach(frontend -> ids.add(tables.id(frontend)));
    }
    return wanted;
  }

  /** Reads all of them once, however many cuts there are; returns how many were forgotten. */
  int apply(Map<PortAddress, Set<Integer>> wanted) {
    if (wanted.isEmpty()) {
      return 0;
    }
    return forget((frontend, backend) -> {
      var ids = wanted.get(backend);
      return ids != null && ids.contains(frontend);
    });
  }

  /**
   * Forgets every backend that does not serve its frontend: what went while no agent ran. To be
   * called when all frontends are in the kernel.
   */
  int sweep(Services services, ServiceTables tables) {
    var serving = new HashMap<Integer, Set<PortAddress>>();
    services
        .frontends()
        .forEach((address, frontend) -> {
          if (address.protocol() == Protocol.UDP) {
            var backends = new HashSet<PortAddress>();
            for (var backend : services.listed(frontend)) {
              if (backend.state().keepsFlows()) {
                backends.add(backend.address());
              }
            }
            serving.put(tables.id(address), backends);
          }
        });
    return forget(
        (frontend, backend) -> !serving.getOrDefault(frontend, Set.of()).contains(backend));
  }

  private int forget(BiPredicate<Integer, PortAddress> gone) {
    var doomed = new ArrayList<SocketFlowKey>();
    flows.forEach((key, entry) -> {
      if (gone.test(entry.frontend(), backend(key, entry))) {
        doomed.add(key);
      }
    });
    int forgotten = flows.deleteAll(doomed);
    aborts.accept(
        doomed.stream()
            .filter(key -> key.direction() == SocketDirection.REVERSE.number())
            .map(SocketFlowKey::cookie)
            .toList());
    return forgotten;
  }

  private static PortAddress backend(SocketFlowKey key, SocketFlowEntry entry) {
    return key.direction() == SocketDirection.REVERSE.number()
        ? new PortAddress(key.address(), key.port(), Protocol.UDP)
        : new PortAddress(entry.address(), entry.port(), Protocol.UDP);
  }
}
