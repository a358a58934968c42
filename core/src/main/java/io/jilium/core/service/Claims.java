// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who wants which address and port. One gets it, whatever the order in which they came. */
final class Claims {
  private final Map<PortAddress, ServiceState> winners = new HashMap<>();
  private final Map<PortAddress, List<ServiceState>> losers = new HashMap<>();

  void enter(ServiceState state, Collection<PortAddress> addresses) {
    for (var address : addresses) {
      var holder = winners.putIfAbsent(address, state);
      if (holder == null) {
        continue;
      }
      boolean older = ServiceState.PRECEDENCE.compare(state, holder) < 0;
      if (older) {
        winners.put(address, state);
      }
      losers.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(older ? holder : state);
    }
  }

  /** To be called before what the state claims or its precedence changes. */
  void withdraw(ServiceState state, Collection<PortAddress> addresses) {
    for (var address : addresses) {
      var others = losers.get(address);
      if (others == null) {
        winners.remove(address, state);
        continue;
      }
      if (!others.remove(state)) {
        var next = Collections.min(others, ServiceState.PRECEDENCE);
        others.remove(next);
        winners.put(address, next);
      }
      if (others.isEmpty()) {
        losers.remove(address);
      }
    }
  }

  Optional<ServiceState> winner(PortAddress address) {
    return Optional.ofNullable(winners.get(address));
  }

  Map<PortAddress, ServiceState> winners() {
    return Collections.unmodifiableMap(winners);
  }

  /** A sentence for each address that a state wants and another one has. */
  List<String> losses(ServiceState state) {
    if (losers.isEmpty()) {
      return List.of();
    }
    var losses = new ArrayList<String>();
    for (var address : state.resolved.frontends().keySet()) {
      var holder = winners.get(address);
      if (holder != null && holder != state) {
        losses.add("%s belongs to the older %s".formatted(address, name(holder)));
      }
    }
    return losses;
  }

  /** Who else wants an address. */
  List<String> losers(PortAddress address) {
    return losers.getOrDefault(address, List.of()).stream().map(Claims::name).sorted().toList();
  }

  private static String name(ServiceState state) {
    return state.owner.toString();
  }
}
