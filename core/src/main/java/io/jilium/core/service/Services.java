// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.service.ServiceState.Resolved;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All services as one node sees them: what changes in, what follows out. A change costs what its
 * service costs, however many there are. For one thread.
 */
public final class Services {
  private final ServiceOptions options;
  private final Map<Owner, ServiceState> states = new HashMap<>();
  private final Map<ServiceName, Owner> sliceOwners = new HashMap<>();
  private final Set<ServiceState> dirty = new LinkedHashSet<>();
  private final Claims claims = new Claims();
  private final Map<IpAddress, Map<Owner, FrontendType>> addresses = new HashMap<>();
  private final Map<Owner, HealthCheck> healthChecks = new HashMap<>();
  private NodeFacts facts;

  /** Without any service yet. */
  public Services(ServiceOptions options, NodeFacts facts) {
    this.options = options;
    this.facts = facts;
  }

  /** A service is new or changed. */
  public void put(Service service) {
    var state = state(new Owner(service.id(), false));
    if (!state.service.equals(Optional.of(service))) {
      state.service = Optional.of(service);
      dirty.add(state);
    }
  }

  /** A service is gone. */
  public void removeService(ServiceName name) {
    var state = states.get(new Owner(name, false));
    if (state != null && state.service.isPresent()) {
      state.service = Optional.empty();
      dirty.add(state);
    }
  }

  /** A slice is new or changed; it may have changed its service. */
  public void put(EndpointSlice slice) {
    var owner = new Owner(slice.owner(), false);
    var before = sliceOwners.put(slice.id(), owner);
    if (before != null && !before.equals(owner)) {
      forget(before, slice.id());
    }
    var state = state(owner);
    if (!slice.equals(state.slices.put(slice.id(), slice))) {
      dirty.add(state);
    }
  }

  /** A slice is gone. */
  public void removeSlice(ServiceName slice) {
    var owner = sliceOwners.remove(slice);
    if (owner != null) {
      forget(owner, slice);
    }
  }

  private void forget(Owner owner, ServiceName slice) {
    var state = states.get(owner);
    if (state != null && state.slices.remove(slice) != null) {
      dirty.add(state);
    }
  }

  /** The host ports of a pod of this node; none when it is gone. */
  public void hostPorts(ServiceName pod, List<HostPort> ports) {
    var owner = new Owner(pod, true);
    if (ports.isEmpty() && !states.containsKey(owner)) {
      return;
    }
    var state = state(owner);
    if (!state.hostPorts.equals(ports)) {
      state.hostPorts = List.copyOf(ports);
      dirty.add(state);
    }
  }

  /** The node is another one now: all services are looked at again, if that concerns them. */
  public void node(NodeFacts changed) {
    boolean moved = !facts.name().equals(changed.name()) || !facts.zone().equals(changed.zone());
    boolean addressed = !facts.nodeAddresses().equals(changed.nodeAddresses());
    facts = changed;
    for (var state : states.values()) {
      boolean balanced =
          state.service.filter(s -> !s.exposure().loadBalancerIps().isEmpty()).isPresent();
      if (moved || (addressed && balanced)) {
        dirty.add(state);
      }
    }
  }

  private ServiceState state(Owner owner) {
    return states.computeIfAbsent(owner, ServiceState::new);
  }

  /** Decides what changed since the last call. */
  public Changes update() {
    var before = new LinkedHashMap<PortAddress, Optional<Frontend>>();
    var beforeAddresses = new LinkedHashMap<IpAddress, Optional<FrontendType>>();
    var backends = new LinkedHashMap<Owner, List<Backend>>();
    var cuts = new ArrayList<Changes.Cut>();
    var problems = new LinkedHashMap<Owner, List<String>>();
    for (var state : dirty) {
      var old = state.resolved;
      var next = Resolver.resolve(options, facts, state);
      for (var resolved : List.of(old, next)) {
        for (var address : resolved.frontends().keySet()) {
          before.computeIfAbsent(address, this::frontend);
        }
        for (var address : resolved.addresses().keySet()) {
          beforeAddresses.computeIfAbsent(address, this::whole);
        }
      }
      replace(state, old, next);
      if (!old.listed().equals(next.listed())) {
        backends.put(state.owner, next.listed());
      }
      cuts.addAll(cuts(old, next));
      if (!old.problems().equals(next.problems())) {
        problems.put(state.owner, next.problems());
      }
      healthCheck(state);
      if (state.isEmpty()) {
        states.remove(state.owner);
      }
    }
    dirty.clear();
    return new Changes(
        differences(before, this::frontend),
        differences(beforeAddresses, this::whole),
        backends,
        cuts,
        problems);
  }

  private void healthCheck(ServiceState state) {
    var port = state.service.map(s -> s.exposure().healthCheckNodePort()).orElse(0);
    if (port == 0 || !Resolver.whyNot(state.service.orElseThrow(), options).isEmpty()) {
      healthChecks.remove(state.owner);
      return;
    }
    var local = new HashSet<IpAddress>();
    for (var backend : state.resolved.listed()) {
      if (backend.state() == BackendState.ACTIVE && backend.isOn(facts.name())) {
        local.add(backend.address().address());
      }
    }
    healthChecks.put(state.owner, new HealthCheck(state.owner.name(), port, local.size()));
  }

  /** What load balancers in front of the cluster may ask this node, by service. */
  public Collection<HealthCheck> healthChecks() {
    return Collections.unmodifiableCollection(healthChecks.values());
  }

  private void replace(ServiceState state, Resolved old, Resolved next) {
    claims.withdraw(state, old.frontends().keySet());
    state.resolved = next;
    claims.enter(state, next.frontends().keySet());
    for (var address : old.addresses().keySet()) {
      var owners = addresses.get(address);
      if (owners != null && owners.remove(state.owner) != null && owners.isEmpty()) {
        addresses.remove(address);
      }
    }
    next.addresses()
        .forEach((address, type) ->
            addresses.computeIfAbsent(address, _ -> new HashMap<>(2)).put(state.owner, type));
  }

  private interface Now<K, V> {
    Optional<V> of(K key);
  }

  private static <K, V> Map<K, Optional<V>> differences(Map<K, Optional<V>> before, Now<K, V> now) {
    var changed = new LinkedHashMap<K, Optional<V>>();
    before.forEach((key, old) -> {
      var value = now.of(key);
      if (!value.equals(old)) {
        changed.put(key, value);
      }
    });
    return changed;
  }

  private static List<Changes.Cut> cuts(Resolved old, Resolved next) {
    var gone = old.serving();
    if (gone.isEmpty()) {
      return List.of();
    }
    gone.removeAll(next.serving());
    var through = old.udpFrontends();
    return gone.stream().sorted().map(backend -> new Changes.Cut(backend, through)).toList();
  }

  /** What an address and port lead to. */
  public Optional<Frontend> frontend(PortAddress address) {
    return claims
        .winner(address)
        .map(state -> Objects.requireNonNull(state.resolved.frontends().get(address)));
  }

  /** Whether an address belongs to services as a whole, and how. */
  public Optional<FrontendType> whole(IpAddress address) {
    return Optional.ofNullable(addresses.get(address))
        .flatMap(owners -> owners.values().stream().min(FrontendType::compareTo));
  }

  /** All frontends, sorted by address. */
  public Map<PortAddress, Frontend> frontends() {
    var all = new TreeMap<PortAddress, Frontend>();
    claims
        .winners()
        .forEach((address, state) ->
            all.put(address, Objects.requireNonNull(state.resolved.frontends().get(address))));
    return all;
  }

  /** The addresses that belong to services as a whole. */
  public Map<IpAddress, FrontendType> wholeAddresses() {
    var all = new TreeMap<IpAddress, FrontendType>();
    addresses.keySet().forEach(ip -> whole(ip).ifPresent(type -> all.put(ip, type)));
    return all;
  }

  /** What owners list, whatever its state. */
  public Map<Owner, List<Backend>> backends() {
    var all = new HashMap<Owner, List<Backend>>();
    states.forEach((owner, state) -> {
      if (!state.resolved.listed().isEmpty()) {
        all.put(owner, state.resolved.listed());
      }
    });
    return all;
  }

  /** All backends behind a frontend, whatever their state, sorted by address. */
  public List<Backend> listed(Frontend frontend) {
    var holder = claims.winner(frontend.address());
    return holder.isEmpty()
        ? List.of()
        : Resolver.candidates(options, facts, holder.get(), frontend, false).stream()
            .map(Explanation.Candidate::backend)
            .toList();
  }

  /** The service, if there is one with this name. */
  public Optional<Service> service(ServiceName name) {
    var state = states.get(new Owner(name, false));
    return state == null ? Optional.empty() : state.service;
  }

  /** What could not be done as it is asked for, a sentence each, by owner. */
  public Map<Owner, List<String>> problems() {
    var all = new HashMap<Owner, List<String>>();
    states.forEach((owner, state) -> {
      var problems = new ArrayList<>(state.resolved.problems());
      problems.addAll(claims.losses(state));
      if (!problems.isEmpty()) {
        all.put(owner, problems);
      }
    });
    return all;
  }

  /**
   * What becomes of a connection, by the decisions that are in force.
   *
   * @param asked a port at the unspecified address is asked for as a node port
   */
  public Explanation explain(PortAddress asked, Place place, Client client) {
    return new Explainer(this, options, facts).explain(asked, place, client);
  }

  ServiceState ownerOf(PortAddress address) {
    return claims.winner(address).orElseThrow();
  }

  List<String> losers(PortAddress address) {
    return claims.losers(address);
  }

  Optional<String> leftAlone(IpAddress address) {
    for (var state : states.values()) {
      var service = state.service;
      if (service.isPresent() && service.get().clusterIps().contains(address)) {
        var why = Resolver.whyNot(service.get(), options);
        if (!why.isEmpty()) {
          return Optional.of(state.owner + " is left alone: " + why);
        }
      }
    }
    return Optional.empty();
  }
}
