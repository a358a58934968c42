// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.Ago;
import io.jilium.wire.agent.Endpoint;
import java.util.Map;

/** An endpoint for machines, with the field names of Cilium's Endpoint. */
final class EndpointJson {
  private EndpointJson() {}

  static Map<String, Object> of(Endpoint endpoint) {
    return object(
        "id",
        endpoint.getId(),
        "status",
        object(
            "external-identifiers", identifiers(endpoint),
            "identity", object("id", endpoint.getIdentity(), "labels", endpoint.getLabelsList()),
            "labels", object("security-relevant", endpoint.getLabelsList()),
            "networking", networking(endpoint),
            "policy", object("realized", object("policy-enabled", policy(endpoint))),
            "state", endpoint.getState(),
            "message", endpoint.getMessage(),
            "created", Ago.timestamp(endpoint.getCreatedUnixNanos())));
  }

  private static Map<String, Object> identifiers(Endpoint endpoint) {
    String pod =
        endpoint.getPod().isEmpty() ? "" : endpoint.getNamespace() + "/" + endpoint.getPod();
    return object(
        "cni-attachment-id",
        endpoint.getContainerId().isEmpty()
            ? ""
            : endpoint.getContainerId() + ":" + endpoint.getContainerInterface(),
        "container-id",
        endpoint.getContainerId(),
        "k8s-namespace",
        endpoint.getNamespace(),
        "k8s-pod-name",
        endpoint.getPod(),
        "pod-name",
        pod);
  }

  private static Map<String, Object> networking(Endpoint endpoint) {
    return object(
        "addressing",
            java.util.List.of(object("ipv4", endpoint.getIpv4(), "ipv6", endpoint.getIpv6())),
        "container-interface-name", endpoint.getContainerInterface(),
        "host-mac", endpoint.getHostMac(),
        "interface-index", endpoint.getIfindex(),
        "interface-name", endpoint.getInterface(),
        "mac", endpoint.getMac(),
        "netns", endpoint.getNetns());
  }

  private static String policy(Endpoint endpoint) {
    if (endpoint.getPolicyIngress()) {
      return endpoint.getPolicyEgress() ? "both" : "ingress";
    }
    return endpoint.getPolicyEgress() ? "egress" : "none";
  }
}
