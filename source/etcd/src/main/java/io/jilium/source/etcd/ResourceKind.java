// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Group, plural and scope of a kind of resource, found from the apiVersion and kind that every YAML
 * carries.
 */
public record ResourceKind(String group, String plural, boolean namespaced) {
  private static final Set<String> CLUSTER_WIDE =
      Set.of(
          "Namespace",
          "Node",
          "PersistentVolume",
          "ClusterRole",
          "ClusterRoleBinding",
          "CustomResourceDefinition",
          "ClusterNetworkPolicy",
          "IngressClass",
          "GatewayClass",
          "CiliumNode",
          "CiliumIdentity",
          "CiliumClusterwideNetworkPolicy",
          "CiliumClusterwideEnvoyConfig",
          "CiliumEgressGatewayPolicy",
          "CiliumLoadBalancerIPPool",
          "CiliumL2AnnouncementPolicy",
          "CiliumCIDRGroup",
          "CiliumPodIPPool",
          "CiliumBGPClusterConfig",
          "CiliumBGPPeerConfig",
          "CiliumBGPAdvertisement",
          "CiliumBGPNodeConfig",
          "CiliumBGPNodeConfigOverride",
          "CiliumEndpointSlice");

  private static final Map<String, String> PLURALS =
      Map.of("Endpoints", "endpoints", "CiliumLoadBalancerIPPool", "ciliumloadbalancerippools");

  /** Of {@code apiVersion} and {@code kind}. */
  public static ResourceKind of(String apiVersion, String kind) {
    if (apiVersion.isEmpty() || kind.isEmpty()) {
      throw new IllegalArgumentException("a resource needs apiVersion and kind");
    }
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    return new ResourceKind(group, plural(kind), !CLUSTER_WIDE.contains(kind));
  }

  private static String plural(String kind) {
    String known = PLURALS.get(kind);
    if (known != null) {
      return known;
    }
    String lower = kind.toLowerCase(Locale.ROOT);
    if (lower.endsWith("y")
        && lower.length() > 1
        && "aeiou".indexOf(lower.charAt(lower.length() - 2)) < 0) {
      return lower.substring(0, lower.length() - 1) + "ies";
    }
    return lower.endsWith("s") || lower.endsWith("x") || lower.endsWith("ch")
        ? lower + "es"
        : lower + "s";
  }

  /** The prefix of all resources of the kind. */
  String prefix() {
    return Layout.RESOURCES + plural + (group.isEmpty() ? "" : "." + group) + "/";
  }
}
