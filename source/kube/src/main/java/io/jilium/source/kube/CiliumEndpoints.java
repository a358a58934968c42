// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** CiliumEndpoint of {@code cilium.io/v2} and the same inside a CiliumEndpointSlice. */
final class CiliumEndpoints {
  private CiliumEndpoints() {}

  /** The addresses of a CiliumEndpoint; none while it has no identity or no node. */
  static List<IpMapping> read(JsonNode object) {
    var status = object.path("status");
    return mappings(
        new PodName(Json.namespace(object), Json.name(object)),
        status.path("networking"),
        status.path("identity").path("id").asInt(0),
        status.path("encryption").path("key").asInt(0));
  }

  /** The addresses of all endpoints of a CiliumEndpointSlice. */
  static List<IpMapping> readSlice(JsonNode object) {
    var namespace = Json.text(object, "namespace");
    var mappings = new ArrayList<IpMapping>();
    for (JsonNode endpoint : object.path("endpoints")) {
      mappings.addAll(
          mappings(
              new PodName(namespace, Json.text(endpoint, "name")),
              endpoint.path("networking"),
              endpoint.path("id").asInt(0),
              endpoint.path("encryption").path("key").asInt(0)));
    }
    return mappings;
  }

  /** The node that an endpoint says it is on. */
  static Optional<IpAddress> host(JsonNode object) {
    return Json.address(object.path("status").path("networking"), "node");
  }

  private static List<IpMapping> mappings(
      PodName pod, JsonNode networking, int identity, int encryptKey) {
    var host = Json.address(networking, "node");
    if (identity == 0 || host.isEmpty()) {
      return List.of();
    }
    var id = new NumericIdentity(identity);
    var mappings = new ArrayList<IpMapping>(1);
    for (JsonNode pair : networking.path("addressing")) {
      for (var family : new String[] {"ipv4", "ipv6"}) {
        Json.address(pair, family)
            .ifPresent(
                address -> mappings.add(new IpMapping(address, host.get(), id, pod, encryptKey)));
      }
    }
    return mappings;
  }

  /** All of an own endpoint's object. */
  static ObjectNode write(Endpoint endpoint, IpAddress host, PodFacts facts) {
    var pod = endpoint.pod();
    var object = KubeApi.JSON.createObjectNode();
    object.put("apiVersion", Resource.CILIUM_ENDPOINTS.apiVersion());
    object.put("kind", Resource.CILIUM_ENDPOINTS.kind());
    var metadata =
        object.putObject("metadata").put("name", pod.name()).put("namespace", pod.namespace());
    var labels = metadata.putObject("labels");
    facts.pod().labels().forEach(labels::put);
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", Resource.PODS.apiVersion())
        .put("kind", Resource.PODS.kind())
        .put("name", pod.name())
        .put("uid", facts.uid());
    status(object.putObject("status"), endpoint, host, facts);
    return object;
  }

  private static void status(ObjectNode status, Endpoint endpoint, IpAddress host, PodFacts facts) {
    var pod = endpoint.pod();
    status.put("id", endpoint.id());
    status.put("state", endpoint.state().text());
    var identity = status.putObject("identity").put("id", endpoint.identity().value());
    var labels = identity.putArray("labels");
    endpoint.labels().forEach(label -> labels.add(label.toString()));
    var networking = status.putObject("networking").put("node", host.toString());
    var pair = networking.putArray("addressing").addObject();
    endpoint.ipv4().ifPresent(ip -> pair.put("ipv4", ip.toString()));
    endpoint.ipv6().ifPresent(ip -> pair.put("ipv6", ip.toString()));
    status
        .putObject("external-identifiers")
        .put("container-id", endpoint.containerId())
        .put("cni-attachment-id", endpoint.containerId() + ":" + endpoint.containerInterface())
        .put("k8s-namespace", pod.namespace())
        .put("k8s-pod-name", pod.name())
        .put("pod-name", pod.toString());
    status.putObject("encryption").put("key", 0);
    status.put("service-account", facts.pod().serviceAccount());
    var ports = status.putArray("named-ports");
    for (var port : facts.namedPorts()) {
      ports
          .addObject()
          .put("name", port.name())
          .put("port", port.port())
          .put("protocol", port.protocol());
    }
  }
}
