// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.EndpointSlice;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.Service;
import io.jilium.core.model.ServiceName;
import io.jilium.core.model.ServicePort;
import io.jilium.core.model.TrafficPolicy;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Services and endpoint slices to the vocabulary, wherever they come from. Names of nodes and zones
 * come by the thousand and are kept once. For one thread.
 *
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/">Service
 *     resources</a>
 */
public final class ServiceJson {
  private static final int DEFAULT_AFFINITY_SECONDS = 10800;

  private final Map<String, String> names = new HashMap<>();

  private String once(String name) {
    var known = names.putIfAbsent(name, name);
    return known == null ? name : known;
  }

  /**
   * Reads a Service.
   *
   * @throws IllegalArgumentException naming the field that cannot be
   */
  public static Service service(JsonNode json) {
    var metadata = json.path("metadata");
    var spec = json.path("spec");
    var type = text(spec, "type");
    return new Service(
        name(metadata),
        Service.Type.named(type)
            .orElseThrow(() ->
                new IllegalArgumentException("spec.type: " + type + " is no type of a service")),
        clusterIps(spec),
        ports(spec.path("ports")),
        new Service.Exposure(
            addresses(spec, "externalIPs"),
            balancers(json.path("status").path("loadBalancer").path("ingress")),
            prefixes(spec, "loadBalancerSourceRanges"),
            spec.path("healthCheckNodePort").asInt(0)),
        traffic(spec),
        map(spec.path("selector")),
        Service.Marks.of(map(metadata.path("labels"))),
        map(metadata.path("annotations")),
        created(metadata));
  }

  /** A field that is missing or null is empty. */
  private static String text(JsonNode object, String field) {
    return object.path(field).isNull() ? "" : object.path(field).asText("");
  }

  private static Map<String, String> map(JsonNode object) {
    if (object.isEmpty()) {
      return Map.of();
    }
    var map = new HashMap<String, String>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText("")));
    return map;
  }

  private static ServiceName name(JsonNode metadata) {
    return new ServiceName(text(metadata, "namespace"), text(metadata, "name"));
  }

  private static long created(JsonNode metadata) {
    var text = text(metadata, "creationTimestamp");
    try {
      return text.isEmpty() ? 0 : Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("metadata.creationTimestamp: " + text + " is no time", e);
    }
  }

  private static List<IpAddress> clusterIps(JsonNode spec) {
    var texts = texts(spec.path("clusterIPs"));
    var all = texts.isEmpty() ? List.of(text(spec, "clusterIP")) : texts;
    return all.stream()
        .filter(text -> !text.isEmpty() && !text.equals("None"))
        .map(text -> address("spec.clusterIPs", text))
        .toList();
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static IpAddress address(String field, String text) {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
    }
  }

  private static List<IpAddress> addresses(JsonNode spec, String field) {
    return texts(spec.path(field)).stream().map(text -> address("spec." + field, text)).toList();
  }

  private static List<IpPrefix> prefixes(JsonNode spec, String field) {
    var prefixes = new ArrayList<IpPrefix>();
    for (var text : texts(spec.path(field))) {
      try {
        prefixes.add(IpPrefix.parse(text.strip()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("spec." + field + ": " + e.getMessage(), e);
      }
    }
    return prefixes;
  }

  /** Addresses whose load balancer is a proxy are reached through it, not past it. */
  private static List<IpAddress> balancers(JsonNode ingress) {
    var found = new ArrayList<IpAddress>();
    for (var item : ingress) {
      var ip = text(item, "ip");
      if (!ip.isEmpty() && !text(item, "ipMode").equals("Proxy")) {
        found.add(address("status.loadBalancer.ingress[].ip", ip));
      }
    }
    return found;
  }

  private static List<ServicePort> ports(JsonNode array) {
    var ports = new ArrayList<ServicePort>();
    for (int i = 0; i < array.size(); i++) {
      var port = array.get(i);
      var field = "spec.ports[" + i + "]";
      try {
        ports.add(
            new ServicePort(
                text(port, "name"),
                protocol(port, field),
                port.path("port").asInt(0),
                port.path("nodePort").asInt(0),
                text(port, "targetPort")));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
      }
    }
    return ports;
  }

  private static Protocol protocol(JsonNode port, String field) {
    var text = text(port, "protocol");
    return switch (text) {
      case "", "TCP" -> Protocol.TCP;
      case "UDP" -> Protocol.UDP;
      case "SCTP" -> Protocol.SCTP;
      default ->
          throw new IllegalArgumentException(field + ".protocol: TCP, UDP or SCTP is expected");
    };
  }

  private static Service.Traffic traffic(JsonNode spec) {
    boolean affine = text(spec, "sessionAffinity").equals("ClientIP");
    return new Service.Traffic(
        TrafficPolicy.named(text(spec, "internalTrafficPolicy")),
        TrafficPolicy.named(text(spec, "externalTrafficPolicy")),
        affine
            ? spec.path("sessionAffinityConfig")
                .path("clientIP")
                .path("timeoutSeconds")
                .asInt(DEFAULT_AFFINITY_SECONDS)
            : 0,
        spec.path("publishNotReadyAddresses").asBoolean(false),
        text(spec, "trafficDistribution"));
  }

  /**
   * Reads an EndpointSlice; one of names instead of addresses has no endpoints.
   *
   * @throws IllegalArgumentException naming the field that cannot be
   */
  public EndpointSlice slice(JsonNode json) {
    var metadata = json.path("metadata");
    var ports = new ArrayList<EndpointSlice.Port>();
    for (int i = 0; i < json.path("ports").size(); i++) {
      var port = json.path("ports").get(i);
      ports.add(
          new EndpointSlice.Port(
              once(text(port, "name")),
              protocol(port, "ports[" + i + "]"),
              port.path("port").asInt(0)));
    }
    var endpoints = new ArrayList<EndpointSlice.Endpoint>();
    if (!text(json, "addressType").equals("FQDN")) {
      for (var endpoint : json.path("endpoints")) {
        endpoints.add(endpoint(endpoint));
      }
    }
    return new EndpointSlice(
        name(metadata),
        text(metadata.path("labels"), "kubernetes.io/service-name"),
        text(metadata.path("annotations"), EndpointSlice.WEIGHT),
        ports,
        endpoints);
  }

  private EndpointSlice.Endpoint endpoint(JsonNode endpoint) {
    var conditions = endpoint.path("conditions");
    return new EndpointSlice.Endpoint(
        texts(endpoint.path("addresses")).stream()
            .map(text -> address("endpoints[].addresses", text))
            .toList(),
        EndpointSlice.Conditions.of(
            bool(conditions, "ready"),
            bool(conditions, "serving"),
            bool(conditions, "terminating")),
        once(text(endpoint, "nodeName")),
        once(text(endpoint, "zone")),
        hints(endpoint.path("hints")));
  }

  private static Optional<Boolean> bool(JsonNode object, String field) {
    return object.path(field).isBoolean()
        ? Optional.of(object.path(field).asBoolean())
        : Optional.empty();
  }

  private EndpointSlice.Hints hints(JsonNode hints) {
    if (hints.isEmpty()) {
      return EndpointSlice.Hints.NONE;
    }
    return new EndpointSlice.Hints(names(hints.path("forZones")), names(hints.path("forNodes")));
  }

  private List<String> names(JsonNode array) {
    var found = new ArrayList<String>();
    array.forEach(item -> found.add(once(text(item, "name"))));
    return found;
  }
}
