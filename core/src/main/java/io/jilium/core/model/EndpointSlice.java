// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;

/**
 * Some of the endpoints of a service, of one family. A service may have several; while an endpoint
 * moves from one to another it may be in both.
 *
 * @param service its name, in the slice's namespace; empty when the slice belongs to none
 * @param weight what its annotation {@link #WEIGHT} says, as it is written; empty without one
 */
public record EndpointSlice(
    ServiceName id, String service, String weight, List<Port> ports, List<Endpoint> endpoints) {
  /** Cilium's annotation: the share that each endpoint of the slice has of new connections. */
  public static final String WEIGHT = "service.cilium.io/weight";

  /** Copies. */
  public EndpointSlice {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /** Without a weight of its own. */
  public EndpointSlice(ServiceName id, String service, List<Port> ports, List<Endpoint> endpoints) {
    this(id, service, "", ports, endpoints);
  }

  /** The service that it belongs to. */
  public ServiceName owner() {
    return new ServiceName(id.namespace(), service);
  }

  /**
   * What a port of the service leads to.
   *
   * @param name as the service names it
   */
  public record Port(String name, Protocol protocol, int port) {}

  /**
   * What serves at some addresses.
   *
   * @param node empty when not known
   * @param zone empty when not known
   */
  public record Endpoint(
      List<IpAddress> addresses, Conditions conditions, String node, String zone, Hints hints) {
    /** Copies. */
    public Endpoint {
      addresses = List.copyOf(addresses);
    }
  }

  /** What Kubernetes says of an endpoint. */
  public record Conditions(boolean ready, boolean serving, boolean terminating) {
    /** Fit for new connections. */
    public static final Conditions READY = new Conditions(true, true, false);

    /** Kubernetes' defaults for what a slice leaves out: ready, serving, not terminating. */
    public static Conditions of(
        java.util.Optional<Boolean> ready,
        java.util.Optional<Boolean> serving,
        java.util.Optional<Boolean> terminating) {
      boolean isReady = ready.orElse(true);
      return new Conditions(isReady, serving.orElse(isReady), terminating.orElse(false));
    }
  }

  /** Zones and nodes whose traffic the endpoint shall get; empty: said of none. */
  public record Hints(List<String> zones, List<String> nodes) {
    /** None. */
    public static final Hints NONE = new Hints(List.of(), List.of());

    /** Copies. */
    public Hints {
      zones = List.copyOf(zones);
      nodes = List.copyOf(nodes);
    }
  }
}
