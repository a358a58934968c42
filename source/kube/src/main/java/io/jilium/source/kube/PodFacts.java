// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.source.json.PodJson;
import java.util.ArrayList;
import java.util.List;

/** What is kept of a pod of this node. */
record PodFacts(String uid, Pod pod, List<NamedPort> namedPorts) {
  /** A container's port that policies may name. */
  record NamedPort(String name, int port, String protocol) {}

  static PodFacts read(JsonNode object) {
    var spec = object.path("spec");
    var status = object.path("status");
    var metadata = object.path("metadata");
    var addresses = new ArrayList<IpAddress>();
    status.path("podIPs").forEach(ip -> Json.address(ip, "ip").ifPresent(addresses::add));
    if (addresses.isEmpty()) {
      Json.address(status, "podIP").ifPresent(addresses::add);
    }
    var pod =
        new Pod(
            new PodName(Json.namespace(object), Json.name(object)),
            Json.text(spec, "nodeName"),
            Json.text(spec, "serviceAccountName"),
            Json.labels(object),
            Json.texts(metadata.path("annotations")),
            addresses,
            spec.path("hostNetwork").asBoolean(false),
            PodJson.hostPorts(spec));
    return new PodFacts(Json.uid(object), pod, ports(spec));
  }

  private static List<NamedPort> ports(JsonNode spec) {
    var ports = new ArrayList<NamedPort>();
    for (JsonNode container : spec.path("containers")) {
      for (JsonNode port : container.path("ports")) {
        var name = Json.text(port, "name");
        if (!name.isEmpty()) {
          ports.add(
              new NamedPort(
                  name, port.path("containerPort").asInt(), port.path("protocol").asText("TCP")));
        }
      }
    }
    return List.copyOf(ports);
  }
}
