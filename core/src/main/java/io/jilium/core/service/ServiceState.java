// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is known of one owner of frontends, and what followed from it last time: a service with its
 * slices, or a pod with its host ports.
 */
final class ServiceState {
  /** Services before host ports, the older before the younger. */
  static final Comparator<ServiceState> PRECEDENCE =
      Comparator.comparing((ServiceState state) -> state.owner.pod())
          .thenComparing(ServiceState::created, Long::compareUnsigned)
          .thenComparing(state -> state.owner.name());

  final Owner owner;

  final Map<ServiceName, EndpointSlice> slices = new TreeMap<>();
  Optional<Service> service = Optional.empty();
  List<HostPort> hostPorts = List.of();
  Resolved resolved = Resolved.NOTHING;

  ServiceState(Owner owner) {
    this.owner = owner;
  }

  /** What follows from a service. */
  record Resolved(
      Map<PortAddress, Frontend> frontends,
      Map<IpAddress, FrontendType> addresses,
      List<Backend> listed,
      List<String> problems) {
    static final Resolved NOTHING = new Resolved(Map.of(), Map.of(), List.of(), List.of());

    /** Connectionless backends whose flows may go on. */
    Set<PortAddress> serving() {
      var serving = new HashSet<PortAddress>();
      for (var backend : listed) {
        if (backend.address().protocol() == Protocol.UDP && backend.state().keepsFlows()) {
          serving.add(backend.address());
        }
      }
      return serving;
    }

    List<PortAddress> udpFrontends() {
      var udp = new ArrayList<PortAddress>();
      for (var address : frontends.keySet()) {
        if (address.protocol() == Protocol.UDP) {
          udp.add(address);
        }
      }
      return udp;
    }
  }

  private long created() {
    long created = service.map(Service::created).orElse(0L);
    return created == 0 ? -1 : created;
  }

  boolean isEmpty() {
    return service.isEmpty() && slices.isEmpty() && hostPorts.isEmpty();
  }
}
