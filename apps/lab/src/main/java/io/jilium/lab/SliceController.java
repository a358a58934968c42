// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What Kubernetes' controller of endpoint slices does: a service's selector and the pods' state to
 * slices, one per family and set of ports, of at most a hundred endpoints each.
 */
final class SliceController {
  /** The label by which its slices are told from those that a user applies. */
  static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

  /** The value of that label. */
  static final String SELF = "endpointslice-controller.k8s.io";

  /** The label of nodes that says in which zone they are. */
  static final String ZONE = "topology.kubernetes.io/zone";

  private static final String SERVICE_NAME = "kubernetes.io/service-name";
  private static final String WEIGHT = "service.cilium.io/weight";
  private static final int MOST_WEIGHT = 65535;
  private static final int PER_SLICE = 100;

  private SliceController() {}

  /** Slices of one shape: the same family and, with named target ports, the same numbers. */
  private record Shape(String family, List<Map<String, Object>> ports) {}

  /**
   * All slices of a service, by name; none when it has no selector.
   *
   * @param service as stored
   * @param pods of its namespace, as stored
   * @param zones of nodes, by name
   */
  static Map<String, Map<String, Object>> slices(
      Section service, List<Section> pods, Map<String, String> zones) {
    var slices = new LinkedHashMap<String, Map<String, Object>>();
    var spec = service.section("spec");
    var selector = spec.labels("selector");
    if (selector.isEmpty() || spec.text("type").orElse("").equals("ExternalName")) {
      return slices;
    }
    var shapes = new LinkedHashMap<Shape, List<Map<String, Object>>>();
    for (var pod : pods) {
      if (!selected(selector, pod)) {
        continue;
      }
      for (var family : ServiceForm.families(service)) {
        endpoint(service, pod, family, zones)
            .ifPresent(endpoint ->
                shapes
                    .computeIfAbsent(new Shape(family, ports(spec, pod)), _ -> new ArrayList<>())
                    .add(endpoint));
      }
    }
    shapes.forEach((shape, endpoints) -> {
      for (int from = 0; from < endpoints.size(); from += PER_SLICE) {
        var part = endpoints.subList(from, Math.min(endpoints.size(), from + PER_SLICE));
        var name = name(service, shape.family, slices.size());
        slices.put(name, slice(service, name, shape, part));
      }
    });
    return slices;
  }

  private static String name(Section service, String family, int number) {
    var owner = service.section("metadata").text("name").orElseThrow();
    return "%s-%s-%d".formatted(owner, family.toLowerCase(Locale.ROOT), number);
  }

  private static boolean selected(Map<String, String> selector, Section pod) {
    return pod.section("metadata").labels("labels").entrySet().containsAll(selector.entrySet());
  }

  private static Optional<Map<String, Object>> endpoint(
      Section service, Section pod, String family, Map<String, String> zones) {
    var status = pod.section("status");
    var ip =
        status.sections("podIPs").stream()
            .flatMap(item -> item.text("ip").stream())
            .filter(text -> text.contains(":") == family.equals("IPv6"))
            .findFirst();
    if (ip.isEmpty() || !status.text("phase").orElse("").equals("Running")) {
      return Optional.empty();
    }
    var metadata = pod.section("metadata");
    boolean serving =
        status.sections("conditions").stream()
            .filter(condition -> condition.text("type").orElse("").equals("Ready"))
            .anyMatch(condition -> condition.text("status").orElse("").equals("True"));
    boolean terminating = metadata.has("deletionTimestamp");
    var spec = service.section("spec");
    boolean published = spec.flag("publishNotReadyAddresses").orElse(false);
    boolean ready = published || (serving && !terminating);
    var node = pod.section("spec").text("nodeName").orElse("");
    var zone = Optional.ofNullable(zones.get(node));
    var endpoint = new LinkedHashMap<String, Object>();
    endpoint.put("addresses", List.of(ip.get()));
    endpoint.put(
        "conditions",
        new TreeMap<>(
            Map.of(
                "ready", ready,
                "serving", serving,
                "terminating", terminating)));
    endpoint.put("nodeName", node);
    zone.ifPresent(known -> endpoint.put("zone", known));
    endpoint.put(
        "targetRef",
        new TreeMap<>(
            Map.of(
                "kind", "Pod",
                "name", metadata.text("name").orElse(""),
                "namespace", metadata.text("namespace").orElse(""))));
    if (ready) {
      var hints = hints(spec.text("trafficDistribution").orElse(""), node, zone);
      if (!hints.isEmpty()) {
        endpoint.put("hints", hints);
      }
    }
    return Optional.of(endpoint);
  }

  /** PreferClose is the former name of PreferSameZone. */
  private static Map<String, Object> hints(
      String distribution, String node, Optional<String> zone) {
    var hints = new TreeMap<String, Object>();
    if (!distribution.isEmpty()) {
      zone.ifPresent(known -> hints.put("forZones", List.of(Map.of("name", known))));
    }
    if (distribution.equals("PreferSameNode")) {
      hints.put("forNodes", List.of(Map.of("name", node)));
    }
    return hints;
  }

  /** A port whose name the pod does not know leads nowhere and is left out. */
  private static List<Map<String, Object>> ports(Section spec, Section pod) {
    var ports = new ArrayList<Map<String, Object>>();
    for (var port : spec.sections("ports")) {
      var protocol = port.text("protocol").orElse("TCP");
      number(port, protocol, pod)
          .ifPresent(number ->
              ports.add(
                  new TreeMap<>(
                      Map.of(
                          "name", port.text("name").orElse(""),
                          "protocol", protocol,
                          "port", number))));
    }
    return ports;
  }

  private static Optional<Integer> number(Section port, String protocol, Section pod) {
    if (!(port.fields().get("targetPort") instanceof String name)) {
      return Optional.of(
          port.number("targetPort", 1, 65535)
              .orElseGet(() -> port.number("port", 1, 65535).orElseThrow()));
    }
    for (var container : pod.section("spec").sections("containers")) {
      for (var declared : container.sections("ports")) {
        if (declared.text("name").orElse("").equals(name)
            && declared.text("protocol").orElse("TCP").equals(protocol)) {
          return Optional.of(declared.number("containerPort", 1, 65535).orElseThrow());
        }
      }
    }
    return Optional.empty();
  }

  private static Map<String, Object> slice(
      Section service, String name, Shape shape, List<Map<String, Object>> endpoints) {
    var owner = service.section("metadata");
    var slice = new LinkedHashMap<String, Object>();
    slice.put("apiVersion", "discovery.k8s.io/v1");
    slice.put("kind", "EndpointSlice");
    slice.put(
        "metadata",
        new TreeMap<>(
            Map.of(
                "name",
                name,
                "namespace",
                owner.text("namespace").orElse("default"),
                "labels",
                new TreeMap<>(
                    Map.of(MANAGED_BY, SELF, SERVICE_NAME, owner.text("name").orElseThrow())))));
    slice.put("addressType", shape.family);
    slice.put("ports", shape.ports);
    slice.put("endpoints", List.copyOf(endpoints));
    return slice;
  }

  /** Refuses a slice that a user wrote and that cannot be, naming the field. */
  static void check(Section slice) {
    if (!slice.has("addressType")) {
      throw slice.wrong("addressType", "it is missing: IPv4, IPv6 or FQDN");
    }
    var type = slice.choice("addressType", "IPv4", "IPv6", "FQDN");
    weight(slice.section("metadata"));
    for (var port : slice.sections("ports")) {
      port.text("name");
      port.choice("protocol", "TCP", "UDP", "SCTP");
      port.number("port", 1, 65535);
    }
    for (var endpoint : slice.sections("endpoints")) {
      var addresses = endpoint.texts("addresses");
      if (addresses.isEmpty()) {
        throw endpoint.wrong("addresses", "at least one is needed");
      }
      for (int i = 0; i < addresses.size(); i++) {
        if (!type.equals("FQDN")) {
          address(endpoint, "addresses[%d]".formatted(i), addresses.get(i), type);
        }
      }
      endpoint.text("nodeName");
      endpoint.text("zone");
      for (var condition : List.of("ready", "serving", "terminating")) {
        endpoint.section("conditions").flag(condition);
      }
      endpoint.section("hints").sections("forZones").forEach(zone -> zone.text("name"));
      endpoint.section("hints").sections("forNodes").forEach(node -> node.text("name"));
    }
  }

  private static void weight(Section metadata) {
    var weight = metadata.section("annotations").fields().getOrDefault(WEIGHT, "0");
    if (!(weight instanceof String text)
        || !text.matches("0*[0-9]{1,5}")
        || Integer.parseInt(text) > MOST_WEIGHT) {
      throw metadata.wrong(
          "annotations[" + WEIGHT + "]",
          "a whole number from 0 to %d, in quotes, is expected, not %s"
              .formatted(MOST_WEIGHT, weight));
    }
  }

  private static void address(Section endpoint, String field, String text, String type) {
    boolean v4 = type.equals("IPv4");
    try {
      if (java.net.InetAddress.ofLiteral(text).getAddress().length == (v4 ? 4 : 16)) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Told below, as an address of the other family is.
    }
    throw endpoint.wrong(field, "'%s' is no address of type %s".formatted(text, type));
  }
}
