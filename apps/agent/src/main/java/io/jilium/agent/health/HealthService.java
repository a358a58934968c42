// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import io.jilium.agent.endpoint.EndpointDatapath;
import io.jilium.agent.endpoint.EndpointRow;
import io.jilium.agent.endpoint.Endpoints;
import io.jilium.agent.endpoint.PodAddresses;
import io.jilium.agent.endpoint.PodNetwork;
import io.jilium.agent.state.HealthReport;
import io.jilium.core.ipam.NodePool;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PodName;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.NetlinkSocket;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's part in checking the cluster: it answers probes on the node and in the health
 * endpoint, and probes the others.
 */
public final class HealthService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthService.class);

  /**
   * What the service needs.
   *
   * @param published is told the addresses of the health endpoint
   * @param saved the addresses that it had before a restart
   */
  public record Parts(
      Settings.Health settings,
      NetlinkSocket netlink,
      PodAddresses addresses,
      EndpointDatapath datapath,
      Endpoints endpoints,
      List<IpAddress> saved,
      Consumer<List<IpAddress>> published,
      Supplier<HealthProbes.Targets> targets) {}

  private final Parts parts;
  private Optional<HelloServer> server = Optional.empty();
  private Optional<HealthEndpoint> endpoint = Optional.empty();
  private Optional<Endpoint> row = Optional.empty();
  private List<IpAddress> own = List.of();
  private volatile Optional<HealthProbes> probes = Optional.empty();
  private volatile String problem = "";

  private HealthService(Parts parts) {
    this.parts = parts;
  }

  /**
   * Starts what the settings ask for. A part that fails is told and left out: it must not keep pods
   * from the network.
   */
  public static HealthService start(Parts parts, PodNetwork network) {
    var service = new HealthService(parts);
    if (parts.settings.nodes()) {
      service.listen();
      if (parts.settings.endpoints()) {
        service.createEndpoint(network);
      }
      service.probes = Optional.of(HealthProbes.start(parts.targets));
    }
    return service;
  }

  public HealthReport report() {
    return probes.map(HealthProbes::report).orElse(HealthReport.DISABLED);
  }

  /** What does not work of it, one sentence; empty when all does. */
  public String problem() {
    return problem;
  }

  /** The cluster changed: probe soon. */
  public void trigger() {
    probes.ifPresent(HealthProbes::trigger);
  }

  /**
   * Makes the health endpoint anew if somebody removed its device, or its addresses are not the
   * node's any more. Blocks while the kernel does it.
   */
  public synchronized void repair(PodNetwork network) {
    if (endpoint.isEmpty()) {
      return;
    }
    boolean moves = parts.addresses.retired(own);
    if (moves) {
      LOG.info("the health endpoint leaves {}, which the node has no more", own);
      row.ifPresent(now -> parts.datapath.remove(now).join());
      parts.addresses.release(own);
      own = List.of();
    } else if (!endpoint.get().isWhole(parts.netlink)) {
      LOG.warn("{} was removed and is made anew", HealthEndpoint.DEVICE);
    } else {
      return;
    }
    endpoint.get().close();
    endpoint = Optional.empty();
    createEndpoint(network);
  }

  @Override
  public synchronized void close() {
    probes.ifPresent(HealthProbes::close);
    server.ifPresent(HelloServer::close);
    endpoint.ifPresent(HealthEndpoint::close);
  }

  private void listen() {
    try {
      server = Optional.of(HelloServer.open(HelloServer.PORT).start());
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private synchronized void createEndpoint(PodNetwork network) {
    try {
      if (own.isEmpty()) {
        own = takeAddresses();
      }
      var made = HealthEndpoint.create(parts.netlink, network, own);
      endpoint = Optional.of(made);
      int id = row.map(Endpoint::id).orElseGet(() -> parts.endpoints.allocateId());
      var now = endpoint(id, made);
      row = Optional.of(now);
      parts.endpoints.show(new EndpointRow(now, "", "", Instant.now()));
      parts.datapath.attach(now);
      parts.datapath.put(now).join();
      parts.published.accept(own);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private List<IpAddress> takeAddresses() {
    try {
      if (!parts.saved.isEmpty()) {
        parts.addresses.reserve(parts.saved, NodePool.HEALTH);
        return parts.saved;
      }
    } catch (IllegalStateException e) {
      LOG.info("the health endpoint gets another address: {}", e.getMessage());
    }
    return parts.addresses.allocate(NodePool.HEALTH, PodName.NONE);
  }

  private Endpoint endpoint(int id, HealthEndpoint made) {
    return new Endpoint(
        id,
        "",
        HealthEndpoint.DEVICE,
        made.ifindex(),
        "eth0",
        "",
        PodName.NONE,
        ReservedIdentity.HEALTH.labels(),
        ReservedIdentity.HEALTH.id(),
        own,
        made.mac(),
        made.nodeMac(),
        EndpointState.READY);
  }

  private void failed(RuntimeException e) {
    problem = "health: " + e.getMessage();
    LOG.warn("{}", problem);
    LOG.debug("health", e);
  }
}
