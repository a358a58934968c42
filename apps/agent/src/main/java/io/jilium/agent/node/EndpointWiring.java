// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.endpoint.EndpointDatapath;
import io.jilium.agent.table.Change;
import io.jilium.agent.table.ControlLoop;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Brings endpoints into the datapath and to the cluster. The rows of endpoints that come at once go
 * into the maps together, under one epoch.
 */
public final class EndpointWiring implements EndpointDatapath, AutoCloseable {
  private static final int DETACHING = 2;

  private final ControlLoop control;
  private final Tables tables;
  private final Programs programs;
  private final ClusterStore store;
  private final LocalNode node;
  private final NetlinkSocket netlink;
  private Optional<IpAddress> publishedHost = Optional.empty();
  private final Function<Collection<IpAddress>, CompletableFuture<Void>> scrub;
  private final ExecutorService detaching =
      Executors.newFixedThreadPool(
          DETACHING, Thread.ofPlatform().name("detach-", 0).daemon().factory());

  /** scrub deletes the connections of addresses. */
  public EndpointWiring(
      LocalNode.Parts parts,
      LocalNode node,
      Function<Collection<IpAddress>, CompletableFuture<Void>> scrub) {
    this.control = parts.control();
    this.tables = parts.tables();
    this.programs = parts.programs();
    this.store = parts.store();
    this.netlink = parts.netlink();
    this.node = node;
    this.scrub = scrub;
    tables.endpoints().onChange(this::tell);
    tables.nodes().onChange(_ -> hostMayHaveChanged());
  }

  @Override
  public void attach(Endpoint endpoint) {
    programs.attach(endpoint.interfaceName(), endpoint.interfaceIndex(), Programs.Place.POD);
  }

  @Override
  public CompletableFuture<Void> put(Endpoint endpoint) {
    return control
        .submitSettled(() -> tables.endpoints().put(endpoint.id(), endpoint))
        .thenAccept(_ -> requireDone(endpoint));
  }

  private void requireDone(Endpoint endpoint) {
    var failure = node.failure(endpoint.addresses());
    if (failure.isPresent()) {
      throw new IllegalStateException("endpoint " + endpoint.id() + ": " + failure.get());
    }
  }

  /** What is not in the tables, because it never worked or is on its way out, is not told. */
  @Override
  public void settled(Endpoint endpoint) {
    control.execute(() -> {
      if (tables.endpoints().get(endpoint.id()).isPresent()) {
        tables.endpoints().put(endpoint.id(), endpoint);
      }
    });
  }

  @Override
  public CompletableFuture<Void> remove(Endpoint endpoint) {
    return control
        .submitSettled(() -> tables.endpoints().remove(endpoint.id()).isPresent())
        .thenRunAsync(() -> programs.detach(endpoint.interfaceName()), detaching)
        .thenCompose(_ -> scrub.apply(endpoint.addresses()));
  }

  @Override
  public List<String> verify(Endpoint endpoint) {
    var problems = new ArrayList<String>();
    var device = endpoint.interfaceName();
    if (!programs.isAttached(device, endpoint.interfaceIndex(), Programs.Place.POD)) {
      problems.add("no program is attached to " + device);
    }
    for (var address : endpoint.addresses()) {
      if (!programs.has(address, endpoint.interfaceIndex())) {
        problems.add("the endpoint map does not have " + address);
      }
    }
    node.failure(endpoint.addresses()).ifPresent(problems::add);
    return problems;
  }

  /** Links of devices that are gone; rows of the maps go when all endpoints are restored. */
  @Override
  public void prune(Set<Integer> endpointIds) {
    for (var device : programs.attachedDevices()) {
      if (device.startsWith("lxc") && netlink.find(Links.byName(device)).isEmpty()) {
        programs.detach(device);
      }
    }
  }

  @Override
  public void close() {
    detaching.shutdownNow();
  }

  private void tell(Change<Integer, Endpoint> change) {
    switch (change) {
      case Change.Add<Integer, Endpoint> add -> publish(add.value());
      case Change.Update<Integer, Endpoint> update -> publish(update.value());
      case Change.Remove<Integer, Endpoint> remove -> store.withdrawEndpoint(remove.key());
    }
  }

  /** Tells all endpoints, also those that have not settled yet: none of them is a leftover. */
  public void publishAll() {
    host().ifPresent(host -> tables.endpoints().snapshot().values().forEach(e -> publish(e, host)));
  }

  /** Other nodes reach this one's endpoints by its address: with another one, all are told anew. */
  private void hostMayHaveChanged() {
    var host = host();
    if (!host.equals(publishedHost)) {
      publishedHost = host;
      tables.endpoints().snapshot().values().forEach(this::publish);
    }
  }

  private Optional<IpAddress> host() {
    return node.self().flatMap(self -> self.address(true).or(() -> self.address(false)));
  }

  /**
   * Node and health endpoint are told with the node itself. What others hear of an endpoint is
   * where it settles: every write is read by all nodes.
   */
  private void publish(Endpoint endpoint) {
    if (endpoint.state() != EndpointState.REGENERATING) {
      host().ifPresent(host -> publish(endpoint, host));
    }
  }

  private void publish(Endpoint endpoint, IpAddress host) {
    if (!endpoint.identity().equals(NumericIdentity.UNKNOWN)
        && !endpoint.identity().equals(ReservedIdentity.HEALTH.id())) {
      store.publishEndpoint(endpoint, host);
    }
  }
}
