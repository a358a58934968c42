// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.ipam.LoadBalancerIps;
import io.jilium.core.ipam.LoadBalancerIps.Sharing;
import io.jilium.core.ipam.LoadBalancerPool;
import io.jilium.core.ipam.LoadBalancerPool.Range;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.crd.LabelSelector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Services and pools as the assignment of load balancer addresses sees them. */
final class LoadBalancerRows {
  static final String SATISFIED = "cilium.io/IPAMRequestSatisfied";

  /** Classes of load balancers that these addresses are for; empty: a service without a class. */
  private static final Set<String> CLASSES =
      Set.of("", "io.cilium/bgp-control-plane", "io.cilium/l2-announcer");

  private LoadBalancerRows() {}

  /**
   * A service that has, or should have, an address.
   *
   * @param wanted empty: it only has remains of an earlier time
   * @param fault what of its annotations cannot be read; empty: nothing
   */
  record ServiceRow(
      String namespace,
      String name,
      long generation,
      Optional<LoadBalancerIps.Service> wanted,
      String fault,
      List<IpAddress> current,
      JsonNode condition) {
    String key() {
      return namespace + "/" + name;
    }
  }

  /**
   * A CiliumLoadBalancerIPPool.
   *
   * @param conditions by type
   */
  record PoolRow(
      String name, long generation, LoadBalancerPool pool, Map<String, JsonNode> conditions) {}

  /** Empty for services that load balancers have nothing to do with. */
  static Optional<ServiceRow> service(JsonNode object) {
    JsonNode spec = object.path("spec");
    JsonNode condition = condition(object, SATISFIED);
    boolean balanced =
        Rows.text(spec, "type").equals("LoadBalancer")
            && CLASSES.contains(Rows.text(spec, "loadBalancerClass"));
    if (!balanced && condition.isMissingNode()) {
      return Optional.empty();
    }
    List<IpAddress> current = new ArrayList<>();
    for (JsonNode ingress : object.path("status").path("loadBalancer").path("ingress")) {
      if (IpAddress.isLiteral(Rows.text(ingress, "ip"))) {
        current.add(IpAddress.parse(Rows.text(ingress, "ip")));
      }
    }
    Optional<LoadBalancerIps.Service> wanted = Optional.empty();
    String fault = "";
    if (balanced) {
      try {
        wanted = Optional.of(wanted(object, current));
      } catch (IllegalArgumentException e) {
        fault = "annotation lbipam.cilium.io/ips: " + e.getMessage();
      }
    }
    return Optional.of(
        new ServiceRow(
            Rows.text(object, "metadata", "namespace"),
            Rows.name(object),
            object.path("metadata").path("generation").asLong(0),
            wanted,
            fault,
            List.copyOf(current),
            condition.deepCopy()));
  }

  private static JsonNode condition(JsonNode object, String type) {
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (Rows.text(condition, "type").equals(type)) {
        return condition;
      }
    }
    return object.path("status").path("none");
  }

  private static LoadBalancerIps.Service wanted(JsonNode object, List<IpAddress> current) {
    String namespace = Rows.text(object, "metadata", "namespace");
    Map<String, String> labels = new HashMap<>(Rows.labels(object));
    labels.put("io.kubernetes.service.namespace", namespace);
    labels.put("io.kubernetes.service.name", Rows.name(object));
    Set<String> families = new HashSet<>();
    object.path("spec").path("ipFamilies").forEach(family -> families.add(family.asText()));
    List<IpAddress> requested = new ArrayList<>();
    String asked = annotation(object, "lbipam.cilium.io/ips", "io.cilium/lb-ipam-ips");
    for (String text : list(asked)) {
      requested.add(IpAddress.parse(text));
    }
    String old = Rows.text(object, "spec", "loadBalancerIP");
    if (requested.isEmpty() && IpAddress.isLiteral(old)) {
      requested.add(IpAddress.parse(old));
    }
    return new LoadBalancerIps.Service(
        namespace + "/" + Rows.name(object),
        Rows.time(Rows.text(object, "metadata", "creationTimestamp")),
        labels,
        families.isEmpty() || families.contains("IPv4"),
        families.contains("IPv6"),
        requested,
        sharing(object),
        List.copyOf(current));
  }

  private static Sharing sharing(JsonNode object) {
    String key =
        annotation(object, "lbipam.cilium.io/sharing-key", "io.cilium/lb-ipam-sharing-key");
    String namespaces =
        annotation(
            object,
            "lbipam.cilium.io/sharing-cross-namespace",
            "io.cilium/lb-ipam-sharing-cross-namespace");
    JsonNode spec = object.path("spec");
    Set<String> ports = new HashSet<>();
    for (JsonNode port : spec.path("ports")) {
      ports.add(port.path("protocol").asText("TCP") + "/" + port.path("port").asText());
    }
    Map<String, String> selector = new HashMap<>();
    spec.path("selector")
        .properties()
        .forEach(label -> selector.put(label.getKey(), label.getValue().asText("")));
    return new Sharing(
        key,
        Set.copyOf(list(namespaces)),
        ports,
        Rows.text(spec, "externalTrafficPolicy").equals("Local")
            ? Optional.of(selector)
            : Optional.empty());
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .distinct()
        .toList();
  }

  private static String annotation(JsonNode object, String name, String oldName) {
    JsonNode annotations = object.path("metadata").path("annotations");
    return annotations.path(name).asText(annotations.path(oldName).asText("")).strip();
  }

  static Optional<PoolRow> pool(JsonNode object) {
    JsonNode spec = object.path("spec");
    boolean ends = !Rows.text(spec, "allowFirstLastIPs").equals("No");
    List<Range> ranges = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    for (JsonNode block : spec.path("blocks")) {
      try {
        ranges.add(range(block, ends));
      } catch (IllegalArgumentException e) {
        faults.add("spec.blocks: " + e.getMessage());
      }
    }
    Map<String, JsonNode> conditions = new HashMap<>();
    for (JsonNode condition : object.path("status").path("conditions")) {
      conditions.put(Rows.text(condition, "type"), condition.deepCopy());
    }
    return Optional.of(
        new PoolRow(
            Rows.name(object),
            object.path("metadata").path("generation").asLong(0),
            new LoadBalancerPool(
                Rows.name(object),
                Rows.time(Rows.text(object, "metadata", "creationTimestamp")),
                ranges,
                selector(spec.path("serviceSelector")),
                spec.path("disabled").asBoolean(false),
                String.join("; ", faults)),
            conditions));
  }

  private static Range range(JsonNode block, boolean ends) {
    String start = Rows.text(block, "start");
    if (start.isEmpty()) {
      return Range.of(IpPrefix.parse(Rows.text(block, "cidr")), ends);
    }
    String stop = Rows.text(block, "stop");
    return new Range(IpAddress.parse(start), IpAddress.parse(stop.isEmpty() ? start : stop));
  }

  /** Compared by what it was read from, so that an unchanged pool is seen to be unchanged. */
  private record Selection(LabelSelector selector) implements Predicate<Map<String, String>> {
    @Override
    public boolean test(Map<String, String> labels) {
      return selector.matches(labels);
    }
  }

  private static Predicate<Map<String, String>> selector(JsonNode selector) {
    return new Selection(
        selector.isObject()
            ? KubeApi.JSON.convertValue(selector, LabelSelector.class)
            : new LabelSelector(Map.of(), List.of()));
  }
}
