// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.ClusterEvent.PodCidrsAssigned;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Namespace;
import io.jilium.core.model.Node;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.source.json.PodJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Kubernetes-shaped resources to the vocabulary and back. */
final class ResourceJson {
  private ResourceJson() {}

  static Pod pod(String text) {
    JsonNode json = Json.parse(text);
    JsonNode metadata = json.path("metadata");
    JsonNode spec = json.path("spec");
    List<IpAddress> addresses = new ArrayList<>();
    json.path("status")
        .path("podIPs")
        .forEach(ip -> Json.address(ip, "ip").ifPresent(addresses::add));
    if (addresses.isEmpty()) {
      Json.address(json.path("status"), "podIP").ifPresent(addresses::add);
    }
    return new Pod(
        new PodName(Json.text(metadata, "namespace"), Json.text(metadata, "name")),
        Json.text(spec, "nodeName"),
        Json.text(spec, "serviceAccountName"),
        Json.texts(metadata.path("labels")),
        Json.texts(metadata.path("annotations")),
        addresses,
        spec.path("hostNetwork").asBoolean(false),
        PodJson.hostPorts(spec));
  }

  static Namespace namespace(String text) {
    JsonNode metadata = Json.parse(text).path("metadata");
    return new Namespace(Json.text(metadata, "name"), Json.texts(metadata.path("labels")));
  }

  static Map<String, String> labels(String text) {
    return Json.texts(Json.parse(text).path("metadata").path("labels"));
  }

  static PodCidrsAssigned assignedByCilium(String text) {
    JsonNode json = Json.parse(text);
    return new PodCidrsAssigned(
        prefixes(json.path("spec").path("ipam").path("podCIDRs")),
        Json.text(json.path("status").path("ipam").path("operator-status"), "error"));
  }

  static PodCidrsAssigned assignedByKubernetes(String text) {
    JsonNode spec = Json.parse(text).path("spec");
    List<IpPrefix> cidrs = prefixes(spec.path("podCIDRs"));
    String single = Json.text(spec, "podCIDR");
    return new PodCidrsAssigned(
        cidrs.isEmpty() && !single.isEmpty() ? List.of(IpPrefix.parse(single)) : cidrs, "");
  }

  static List<IpPrefix> prefixes(JsonNode array) {
    return Json.list(array).stream().map(IpPrefix::parse).toList();
  }

  /** Puts what an agent knows of its node into the CiliumNode; the operator's fields stay. */
  static ObjectNode merge(ObjectNode json, Node node) {
    json.put("apiVersion", "cilium.io/v2");
    json.put("kind", "CiliumNode");
    ObjectNode metadata = json.withObject("metadata");
    metadata.put("name", node.name());
    metadata.set("labels", Json.texts(node.labels()));
    ObjectNode spec = json.withObject("spec");
    var addresses = spec.putArray("addresses");
    node.addresses()
        .forEach(a ->
            addresses.addObject().put("type", a.type().text()).put("ip", a.address().toString()));
    spec.put("bootid", node.bootId());
    ObjectNode health = spec.putObject("health");
    node.healthAddress(true).ifPresent(ip -> health.put("ipv4", ip.toString()));
    node.healthAddress(false).ifPresent(ip -> health.put("ipv6", ip.toString()));
    ObjectNode ipam = spec.withObject("ipam");
    if (ipam.path("podCIDRs").isEmpty() && !node.podCidrs().isEmpty()) {
      ipam.set("podCIDRs", Json.array(node.podCidrs()));
    }
    return json;
  }
}
