// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.ipam.PodPool;
import io.jilium.core.settings.Settings;
import io.jilium.core.settings.Settings.IpamMode;
import io.jilium.operator.kube.Rows.CiliumNodeRow;
import io.jilium.operator.kube.Rows.EndpointRow;
import io.jilium.operator.kube.Rows.NodeRow;
import io.jilium.operator.kube.Rows.PodRow;
import io.jilium.operator.serve.OperatorConfig;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.operator.serve.OperatorServer;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.Troubles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One operator process in Kubernetes: constructs everything in order and closes it in reverse. */
public final class KubeOperator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubeOperator.class);

  /** Watches of two kinds are this far apart at most, unless the API server is away. */
  private static final Duration ORPHAN_AGE = Duration.ofSeconds(30);

  /**
   * What concerns Kubernetes.
   *
   * @param namespace of the operator and of the agents
   * @param agentLabels of the agents' pods
   */
  public record Surroundings(
      String namespace, Map<String, String> agentLabels, OperatorFlags flags) {}

  private final KubeApi api;
  private final OperatorServer server;
  private final LeaseElection election;

  private KubeOperator(KubeApi api, OperatorServer server, LeaseElection election) {
    this.api = api;
    this.server = server;
    this.election = election;
  }

  /** Starts; takes the connection over. */
  public static KubeOperator start(KubeApi api, OperatorConfig config, Surroundings around) {
    return start(api, config, around, LeaseElection.Timing.USUAL, ORPHAN_AGE);
  }

  static KubeOperator start(
      KubeApi api,
      OperatorConfig config,
      Surroundings around,
      LeaseElection.Timing timing,
      Duration orphanAge) {
    var metrics = new OperatorMetrics();
    OperatorServer server;
    try {
      server = new OperatorServer(config.listen());
    } catch (RuntimeException e) {
      api.close();
      throw e;
    }
    var election =
        new LeaseElection(
            api,
            around.namespace(),
            config.name(),
            timing,
            term -> new Leader(api, config.settings(), around, metrics, orphanAge).start(term));
    server.healthz(election::isHealthy, "the API server does not answer");
    server.start(config, metrics, election::isLeading);
    election.start();
    return new KubeOperator(api, server, election);
  }

  boolean isLeading() {
    return election.isLeading();
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    election.close();
    server.close();
    api.close();
  }

  /** The work of one term. */
  private static final class Leader {
    private final KubeApi api;
    private final Settings settings;
    private final Surroundings around;
    private final OperatorMetrics metrics;
    private final Duration orphanAge;
    private final Troubles troubles = new Troubles();
    private final DutyLoop.Changes changes = new DutyLoop.Changes();

    Leader(
        KubeApi api,
        Settings settings,
        Surroundings around,
        OperatorMetrics metrics,
        Duration orphanAge) {
      this.api = api;
      this.settings = settings;
      this.around = around;
      this.metrics = metrics;
      this.orphanAge = orphanAge;
    }

    DutyLoop start(Term term) {
      var writer = new Writer(api, term, troubles);
      return DutyLoop.start(
          api,
          troubles,
          changes,
          writer,
          duties(writer),
          () -> {
            new CrdInstallation(api, term).install();
            if (settings.ipam().mode() == IpamMode.MULTI_POOL) {
              around.flags().pools().forEach(pool -> create(pool, term));
            }
          });
    }

    private <R> Table<R> table(Resource resource, Function<JsonNode, Optional<R>> reader) {
      return new Table<>(resource, reader, changes);
    }

    private List<Duty> duties(Writer writer) {
      boolean slices = settings.endpointSlices();
      Table<NodeRow> nodes = table(Resource.NODES, Rows::node);
      Table<CiliumNodeRow> ciliumNodes = table(Resource.CILIUM_NODES, Rows::ciliumNode);
      Table<PodRow> pods = table(Resource.PODS, this::pod);
      Table<EndpointRow> endpoints =
          table(Resource.CILIUM_ENDPOINTS, object -> Rows.endpoint(object, slices));
      List<Duty> duties = new ArrayList<>();
      switch (settings.ipam().mode()) {
        case CLUSTER_POOL ->
            duties.add(new NodeCidrAssignment(ciliumNodes, writer, metrics, settings));
        case MULTI_POOL -> {
          Table<PodPool> pools = table(Resource.CILIUM_POD_IP_POOLS, PoolAssignment::pool);
          duties.add(new PoolAssignment(ciliumNodes, pools, writer, metrics));
        }
        case KUBERNETES -> LOG.info("pod CIDRs are those of Kubernetes");
      }
      duties.add(new NodeReadiness(nodes, pods, writer, around.flags()));
      duties.add(
          new LoadBalancerAssignment(
              table(Resource.SERVICES, LoadBalancerRows::service),
              table(Resource.CILIUM_LOAD_BALANCER_IP_POOLS, LoadBalancerRows::pool),
              writer,
              metrics));
      duties.add(new NodeCollection(nodes, ciliumNodes, writer, metrics, patience()));
      duties.add(new EndpointCollection(pods, endpoints, writer, metrics, patience()));
      duties.add(
          new IdentityCollection(
              table(Resource.CILIUM_IDENTITIES, Rows::identity),
              endpoints,
              writer,
              metrics,
              settings.operator()));
      if (slices) {
        duties.add(
            new EndpointSlices(
                endpoints, table(Resource.CILIUM_ENDPOINT_SLICES, Rows::slice), writer, metrics));
      }
      if (!around.flags().unmanagedInterval().isZero()) {
        duties.add(
            new UnmanagedPods(
                pods, endpoints, writer, metrics, around.flags().unmanagedInterval(), patience()));
      }
      for (Resource kind :
          List.of(
              Resource.CILIUM_NETWORK_POLICIES,
              Resource.CILIUM_CLUSTERWIDE_NETWORK_POLICIES,
              Resource.CILIUM_CIDR_GROUPS)) {
        duties.add(new PolicyConditions(table(kind, PolicyConditions::row), writer));
      }
      return duties;
    }

    private Patience patience() {
      return new Patience(orphanAge, System::nanoTime);
    }

    private Optional<PodRow> pod(JsonNode object) {
      JsonNode status = object.path("status");
      Map<String, String> labels = Rows.labels(object);
      String namespace = Rows.text(object, "metadata", "namespace");
      return Optional.of(
          new PodRow(
              namespace,
              Rows.name(object),
              Rows.text(object, "metadata", "uid"),
              Rows.version(object),
              Rows.text(object, "spec", "nodeName"),
              Rows.text(status, "phase"),
              object.path("spec").path("hostNetwork").asBoolean(false),
              Rows.hasCondition(object, "Ready", "True"),
              object.path("metadata").has("deletionTimestamp"),
              namespace.equals(around.namespace())
                  && labels.entrySet().containsAll(around.agentLabels().entrySet()),
              labels.entrySet().containsAll(around.flags().restartSelector().entrySet())));
    }

    private void create(OperatorFlags.NewPool pool, Term term) {
      ObjectNode object = KubeApi.JSON.createObjectNode();
      object.put("apiVersion", Resource.CILIUM_POD_IP_POOLS.apiVersion());
      object.put("kind", Resource.CILIUM_POD_IP_POOLS.kind());
      object.putObject("metadata").put("name", pool.name());
      ObjectNode spec = object.putObject("spec");
      family(spec, "ipv4", pool.v4Cidrs(), pool.v4MaskSize());
      family(spec, "ipv6", pool.v6Cidrs(), pool.v6MaskSize());
      term.check();
      try {
        var _ = api.as(Writer.FIELD_MANAGER).create(Resource.CILIUM_POD_IP_POOLS.path(), object);
        LOG.info("pool {} is made", pool.name());
      } catch (KubeException e) {
        if (e.isInvalid()) {
          LOG.error("pool {} of auto-create-cilium-pod-ip-pools: {}", pool.name(), e.getMessage());
        } else if (!e.isAlreadyThere()) {
          throw e;
        }
      }
    }

    private static void family(ObjectNode spec, String name, List<String> cidrs, int maskSize) {
      if (!cidrs.isEmpty()) {
        ArrayNode list = spec.putObject(name).put("maskSize", maskSize).putArray("cidrs");
        cidrs.forEach(list::add);
      }
    }
  }
}
