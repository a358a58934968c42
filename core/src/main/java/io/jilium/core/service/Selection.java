// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.EndpointSlice.Endpoint;
import io.jilium.core.model.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which endpoints of one port and family get new connections; kube-proxy's rules.
 *
 * <p>Ready ones do; without any in the scope those that terminate and still serve. Hints count when
 * every ready endpoint has them and one of them names this node or zone; they never leave a client
 * without an endpoint.
 */
final class Selection {
  private final List<Backend> listed;
  private final String node;
  private final Optional<Predicate<Backend>> near;
  private final String nearness;
  private final EnumMap<Scope, List<Backend>> chosen = new EnumMap<>(Scope.class);

  private Selection(List<Backend> listed, NodeFacts facts, boolean topology) {
    this.listed = listed;
    this.node = facts.name();
    if (topology && hinted(listed, backend -> backend.hints().nodes(), facts.name())) {
      this.near = Optional.of(backend -> backend.hints().nodes().contains(facts.name()));
      this.nearness = "its hints name other nodes than " + facts.name();
    } else if (topology && hinted(listed, backend -> backend.hints().zones(), facts.zone())) {
      this.near = Optional.of(backend -> backend.hints().zones().contains(facts.zone()));
      this.nearness = "its hints name other zones than " + facts.zone();
    } else {
      this.near = Optional.empty();
      this.nearness = "";
    }
  }

  /** The endpoints that the slices list for a port; of duplicates the better one counts. */
  static Selection of(
      Collection<EndpointSlice> slices, Port port, NodeFacts facts, boolean topology) {
    var found = new ArrayList<Backend>();
    for (var slice : slices) {
      int weight = Weight.of(slice);
      for (var target : slice.ports()) {
        if (target.protocol() == port.protocol()
            && target.name().equals(port.name())
            && target.port() > 0) {
          for (var endpoint : slice.endpoints()) {
            add(found, endpoint, port, target.port(), weight);
          }
        }
      }
    }
    found.sort(BEST_FIRST);
    return new Selection(withoutDuplicates(found), facts, topology);
  }

  /** What slices have in common with a port of a service. */
  record Port(String name, Protocol protocol, boolean v4) {}

  /** Sorting is stable: of equals the first one listed stays first. */
  private static final Comparator<Backend> BEST_FIRST =
      Comparator.comparing(Backend::address).thenComparing(Backend::state);

  private static void add(
      List<Backend> found, Endpoint endpoint, Port port, int number, int weight) {
    var state = BackendState.of(endpoint.conditions(), weight);
    for (var address : endpoint.addresses()) {
      if (address.isV4() == port.v4()) {
        found.add(
            new Backend(
                new PortAddress(address, number, port.protocol()),
                state,
                endpoint.node(),
                endpoint.zone(),
                endpoint.hints(),
                weight));
      }
    }
  }

  private static List<Backend> withoutDuplicates(List<Backend> sorted) {
    var unique = new ArrayList<Backend>(sorted.size());
    for (var backend : sorted) {
      if (unique.isEmpty() || !unique.getLast().address().equals(backend.address())) {
        unique.add(backend);
      }
    }
    return List.copyOf(unique);
  }

  private static boolean isActive(Backend backend) {
    return backend.state() == BackendState.ACTIVE;
  }

  private interface HintsOf {
    List<String> of(Backend backend);
  }

  /** Whether every ready endpoint has such hints, and one of them names the place. */
  private static boolean hinted(List<Backend> listed, HintsOf hints, String place) {
    boolean named = false;
    for (var backend : listed) {
      if (isActive(backend)) {
        var places = hints.of(backend);
        if (place.isEmpty() || places.isEmpty()) {
          return false;
        }
        named = named || places.contains(place);
      }
    }
    return named;
  }

  /** Every endpoint, sorted by address. */
  List<Backend> listed() {
    return listed;
  }

  /** Those that get new connections. */
  List<Backend> usable(Scope scope) {
    return chosen.computeIfAbsent(scope, this::choose);
  }

  private List<Backend> choose(Scope scope) {
    var usable = new ArrayList<Backend>();
    for (var backend : listed) {
      if (isActive(backend) && isInScope(backend, scope) && isNear(backend, scope)) {
        usable.add(backend);
      }
    }
    if (usable.isEmpty()) {
      for (var backend : listed) {
        if (backend.state() == BackendState.TERMINATING && isInScope(backend, scope)) {
          usable.add(backend);
        }
      }
    }
    return List.copyOf(usable);
  }

  /** What becomes of new connections. */
  Choice choice(Scope scope) {
    if (!usable(scope).isEmpty()) {
      return Choice.BALANCE;
    }
    return scope == Scope.LOCAL && !usable(Scope.CLUSTER).isEmpty() ? Choice.DROP : Choice.REJECT;
  }

  private boolean isInScope(Backend backend, Scope scope) {
    return scope == Scope.CLUSTER || backend.isOn(node);
  }

  private boolean isNear(Backend backend, Scope scope) {
    return scope == Scope.LOCAL || near.isEmpty() || near.get().test(backend);
  }

  private String whyNotNear(Backend backend, Scope scope) {
    if (!isInScope(backend, scope)) {
      return "it is on "
          + (backend.node().isEmpty() ? "no known node" : "node " + backend.node())
          + ", and the traffic policy keeps traffic on "
          + node;
    }
    return isNear(backend, scope) ? "" : nearness;
  }

  /** Why a listed endpoint gets no new connections; empty if it does. */
  String whyNot(Backend backend, Scope scope) {
    return switch (backend.state()) {
      case ACTIVE -> whyNotNear(backend, scope);
      case MAINTENANCE -> "its weight is 0";
      case NOT_READY -> "it is not ready";
      case TERMINATING_NOT_SERVING -> "it terminates and does not serve any more";
      case TERMINATING -> {
        boolean others = usable(scope).stream().anyMatch(Selection::isActive);
        yield isInScope(backend, scope)
            ? others ? "it terminates, and others are ready" : ""
            : whyNotNear(backend, scope);
      }
    };
  }
}
