// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.ipam.LoadBalancerIps;
import io.jilium.core.ipam.LoadBalancerIps.Result;
import io.jilium.core.ipam.LoadBalancerIps.Usage;
import io.jilium.operator.kube.LoadBalancerRows.PoolRow;
import io.jilium.operator.kube.LoadBalancerRows.ServiceRow;
import io.jilium.operator.serve.OperatorMetrics;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Services of the type LoadBalancer have addresses of the pools; pools say how full they are. */
final class LoadBalancerAssignment implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(LoadBalancerAssignment.class);
  private static final String METRIC = "cilium_operator_lbipam_";

  private final Table<ServiceRow> services;
  private final Table<PoolRow> pools;
  private final Writer writer;
  private final OperatorMetrics metrics;

  LoadBalancerAssignment(
      Table<ServiceRow> services, Table<PoolRow> pools, Writer writer, OperatorMetrics metrics) {
    this.services = services;
    this.pools = pools;
    this.writer = writer;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "addresses of load balancers";
  }

  @Override
  public List<Table<?>> inputs() {
    return List.of(services, pools);
  }

  @Override
  public Duration period() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void work() {
    LoadBalancerIps.Plan plan =
        LoadBalancerIps.plan(
            pools.values().stream().map(PoolRow::pool).toList(),
            services.values().stream().flatMap(row -> row.wanted().stream()).toList());
    for (ServiceRow service : List.copyOf(services.values())) {
      @Nullable Result result = plan.services().get(service.key());
      if (result != null) {
        assign(service, result);
      } else if (!service.fault().isEmpty()) {
        assign(service, new Result(service.current(), false, "invalid_request", service.fault()));
      } else {
        clean(service);
      }
    }
    plan.pools().forEach(this::tell);
    count(plan);
  }

  private void assign(ServiceRow service, Result result) {
    // Without any pool these services may be somebody else's: nothing of theirs is touched.
    if (pools.rows().isEmpty() && service.condition().isMissingNode()) {
      return;
    }
    ObjectNode condition =
        condition(
            LoadBalancerRows.SATISFIED,
            result.satisfied() ? "True" : "False",
            result.reason(),
            result.message(),
            service.generation());
    boolean sameAddresses =
        new HashSet<>(result.addresses()).equals(new HashSet<>(service.current()));
    if (sameAddresses && isSaid(service.condition(), condition)) {
      return;
    }
    keepTime(service.condition(), condition);
    ObjectNode object = object(Resource.SERVICES, service.name());
    object.withObject("metadata").put("namespace", service.namespace());
    ObjectNode status = object.putObject("status");
    ArrayNode ingress = status.putObject("loadBalancer").putArray("ingress");
    result.addresses().forEach(address -> ingress.addObject().put("ip", address.toString()));
    status.putArray("conditions").add(condition);
    if (write(service, object) && !sameAddresses) {
      LOG.info(
          "service {} has {}{}",
          service.key(),
          result.addresses(),
          result.satisfied() ? "" : ": " + result.message());
    }
  }

  private boolean write(ServiceRow service, ObjectNode object) {
    Optional<JsonNode> written =
        writer.apply(
            Resource.SERVICES,
            Resource.SERVICES.pathIn(service.namespace(), service.name(), "status"),
            object);
    written.ifPresent(services::put);
    return written.isPresent();
  }

  /** It is no load balancer any more: what it had of us goes. */
  private void clean(ServiceRow service) {
    ObjectNode object = object(Resource.SERVICES, service.name());
    object.withObject("metadata").put("namespace", service.namespace());
    object.putObject("status");
    if (write(service, object)) {
      LOG.info("service {} gave {} back", service.key(), service.current());
    }
  }

  private void tell(String name, Usage usage) {
    @Nullable PoolRow row = pools.get(name);
    if (row == null) {
      return;
    }
    boolean conflict = !usage.conflict().isEmpty();
    List<ObjectNode> conditions =
        List.of(
            condition(
                "cilium.io/PoolConflict",
                conflict ? "True" : "False",
                conflict ? "cidr_overlap" : "resolved",
                usage.conflict(),
                row.generation()),
            number("cilium.io/IPsTotal", usage.total().toString(), row),
            number("cilium.io/IPsAvailable", usage.available().toString(), row),
            number("cilium.io/IPsUsed", usage.used().toString(), row));
    boolean changed = false;
    ObjectNode object = object(Resource.CILIUM_LOAD_BALANCER_IP_POOLS, name);
    ArrayNode list = object.putObject("status").putArray("conditions");
    for (ObjectNode condition : conditions) {
      @Nullable JsonNode before = row.conditions().get(Rows.text(condition, "type"));
      changed |= before == null || !isSaid(before, condition);
      if (before != null) {
        keepTime(before, condition);
      }
      list.add(condition);
    }
    if (changed) {
      writer
          .apply(
              Resource.CILIUM_LOAD_BALANCER_IP_POOLS,
              Resource.CILIUM_LOAD_BALANCER_IP_POOLS.path(name, "status"),
              object)
          .ifPresent(pools::put);
      if (conflict) {
        LOG.warn("pool {} is not used: {}", name, usage.conflict());
      }
    }
  }

  private static ObjectNode number(String type, String text, PoolRow row) {
    return condition(type, "Unknown", "noreason", text, row.generation());
  }

  private static ObjectNode object(Resource resource, String name) {
    ObjectNode object = KubeApi.JSON.createObjectNode();
    object.put("apiVersion", resource.apiVersion()).put("kind", resource.kind());
    object.putObject("metadata").put("name", name);
    return object;
  }

  static ObjectNode condition(
      String type, String status, String reason, String message, long generation) {
    return KubeApi.JSON
        .createObjectNode()
        .put("type", type)
        .put("status", status)
        .put("reason", reason)
        .put("message", message)
        .put("observedGeneration", generation)
        .put("lastTransitionTime", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static boolean isSaid(JsonNode before, ObjectNode condition) {
    return List.of("status", "reason", "message").stream()
        .allMatch(field -> Rows.text(before, field).equals(Rows.text(condition, field)));
  }

  /** The time is that of the last change of the status alone. */
  private static void keepTime(JsonNode before, ObjectNode condition) {
    if (Rows.text(before, "status").equals(Rows.text(condition, "status"))) {
      condition.set("lastTransitionTime", before.path("lastTransitionTime"));
    }
  }

  private void count(LoadBalancerIps.Plan plan) {
    metrics.set(
        METRIC + "conflicting_pools",
        (double) plan.pools().values().stream().filter(pool -> !pool.conflict().isEmpty()).count());
    metrics.clear(METRIC + "ips_available");
    metrics.clear(METRIC + "ips_used");
    plan.pools()
        .forEach((name, usage) -> {
          String label = "{pool=\"" + OperatorMetrics.escaped(name) + "\"}";
          metrics.set(METRIC + "ips_available" + label, usage.available().doubleValue());
          metrics.set(METRIC + "ips_used" + label, usage.used().doubleValue());
        });
    metrics.set(METRIC + "services_matching", plan.services().size());
    metrics.set(
        METRIC + "services_unsatisfied",
        (double) plan.services().values().stream().filter(result -> !result.satisfied()).count());
  }
}
