// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.jilium.core.model.IpPrefix;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is kept of objects, and how it is read. */
final class Rows {
  private Rows() {}

  /**
   * A Node of Kubernetes.
   *
   * @param taints as they are, to write them back without one
   * @param up whether its condition says that the network is there
   */
  record NodeRow(String name, String version, JsonNode taints, boolean up) {}

  /**
   * A Pod.
   *
   * @param agent whether it is an agent's
   * @param watched whether it is to be restarted if it has no endpoint
   */
  record PodRow(
      String namespace,
      String name,
      String uid,
      String version,
      String node,
      String phase,
      boolean hostNetwork,
      boolean ready,
      boolean deleting,
      boolean agent,
      boolean watched) {
    String key() {
      return namespace + "/" + name;
    }

    boolean hasEnded() {
      return phase.equals("Succeeded") || phase.equals("Failed");
    }
  }

  /** A CiliumNode. */
  record CiliumNodeRow(
      String name, String version, List<IpPrefix> podCidrs, JsonNode pools, String error) {}

  /**
   * A CiliumEndpoint.
   *
   * @param podUid of the pod that it was made for; empty: it does not say
   * @param core what a slice says of it; missing where there are no slices
   */
  record EndpointRow(
      String namespace, String name, String version, String podUid, long identity, JsonNode core) {
    String key() {
      return namespace + "/" + name;
    }
  }

  /**
   * A CiliumIdentity.
   *
   * @param marked whether an operator found it unused before
   */
  record IdentityRow(String name, String version, boolean marked) {}

  /** A CiliumEndpointSlice. */
  record SliceRow(String name, String namespace, Map<String, JsonNode> endpoints) {}

  /** An object that has a condition, or not yet. */
  record ConditionedRow(String key, long generation, boolean told) {}

  static String text(JsonNode object, String... path) {
    JsonNode at = object;
    for (String field : path) {
      at = at.path(field);
    }
    return at.asText("");
  }

  static String version(JsonNode object) {
    return text(object, "metadata", "resourceVersion");
  }

  static String name(JsonNode object) {
    return text(object, "metadata", "name");
  }

  static Instant time(String text) {
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeParseException _) {
      return Instant.EPOCH;
    }
  }

  static Map<String, String> labels(JsonNode object) {
    Map<String, String> labels = new HashMap<>();
    object
        .path("metadata")
        .path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText("")));
    return labels;
  }

  static boolean hasCondition(JsonNode object, String type, String status) {
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (text(condition, "type").equals(type)) {
        return text(condition, "status").equals(status);
      }
    }
    return false;
  }

  static Optional<NodeRow> node(JsonNode object) {
    boolean up = false;
    for (JsonNode condition : object.path("status").path("conditions")) {
      up |=
          text(condition, "type").equals("NetworkUnavailable")
              && text(condition, "status").equals("False")
              && text(condition, "reason").equals(NodeReadiness.REASON);
    }
    return Optional.of(
        new NodeRow(
            name(object), version(object), object.path("spec").path("taints").deepCopy(), up));
  }

  static Optional<CiliumNodeRow> ciliumNode(JsonNode object) {
    JsonNode ipam = object.path("spec").path("ipam");
    List<IpPrefix> cidrs = new ArrayList<>();
    ipam.path("podCIDRs").forEach(cidr -> cidrs.add(IpPrefix.parse(cidr.asText())));
    return Optional.of(
        new CiliumNodeRow(
            name(object),
            version(object),
            List.copyOf(cidrs),
            ipam.path("pools").deepCopy(),
            text(object, "status", "ipam", "operator-status", "error")));
  }

  static Optional<EndpointRow> endpoint(JsonNode object, boolean withCore) {
    String podUid = "";
    for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
      if (text(owner, "kind").equals("Pod")) {
        podUid = text(owner, "uid");
      }
    }
    return Optional.of(
        new EndpointRow(
            text(object, "metadata", "namespace"),
            name(object),
            version(object),
            podUid,
            object.path("status").path("identity").path("id").asLong(0),
            withCore ? EndpointSlices.core(object) : MissingNode.getInstance()));
  }

  static Optional<IdentityRow> identity(JsonNode object) {
    return Optional.of(
        new IdentityRow(
            name(object),
            version(object),
            object.path("metadata").path("annotations").has(IdentityCollection.MARK)));
  }

  static Optional<SliceRow> slice(JsonNode object) {
    Map<String, JsonNode> endpoints = new HashMap<>();
    object
        .path("endpoints")
        .forEach(endpoint -> endpoints.put(text(endpoint, "name"), endpoint.deepCopy()));
    return Optional.of(new SliceRow(name(object), text(object, "namespace"), endpoints));
  }
}
