// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A kind of objects at the API server.
 *
 * @param group empty for the core
 * @param name in the plural, as in paths and roles
 */
public record Resource(String group, String version, String name, String kind) {
  public static final Resource NODES = new Resource("", "v1", "nodes", "Node");
  public static final Resource PODS = new Resource("", "v1", "pods", "Pod");
  public static final Resource NAMESPACES = new Resource("", "v1", "namespaces", "Namespace");
  public static final Resource CILIUM_NODES = cilium("v2", "ciliumnodes", "CiliumNode");
  public static final Resource CILIUM_IDENTITIES =
      cilium("v2", "ciliumidentities", "CiliumIdentity");
  public static final Resource CILIUM_ENDPOINTS = cilium("v2", "ciliumendpoints", "CiliumEndpoint");
  public static final Resource CILIUM_ENDPOINT_SLICES =
      cilium("v2alpha1", "ciliumendpointslices", "CiliumEndpointSlice");
  public static final Resource CILIUM_NODE_CONFIGS =
      cilium("v2", "ciliumnodeconfigs", "CiliumNodeConfig");
  public static final Resource CILIUM_POD_IP_POOLS =
      cilium("v2alpha1", "ciliumpodippools", "CiliumPodIPPool");

  public static final Resource SERVICES = new Resource("", "v1", "services", "Service");
  public static final Resource ENDPOINT_SLICES =
      new Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
  public static final Resource LEASES =
      new Resource("coordination.k8s.io", "v1", "leases", "Lease");
  public static final Resource DEFINITIONS =
      new Resource(
          "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition");
  public static final Resource NETWORK_POLICIES =
      new Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy");
  public static final Resource CLUSTER_NETWORK_POLICIES =
      new Resource(
          "policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies", "ClusterNetworkPolicy");
  public static final Resource CILIUM_NETWORK_POLICIES =
      cilium("v2", "ciliumnetworkpolicies", "CiliumNetworkPolicy");
  public static final Resource CILIUM_CLUSTERWIDE_NETWORK_POLICIES =
      cilium("v2", "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy");
  public static final Resource CILIUM_CIDR_GROUPS =
      cilium("v2", "ciliumcidrgroups", "CiliumCIDRGroup");
  public static final Resource CILIUM_LOAD_BALANCER_IP_POOLS =
      cilium("v2", "ciliumloadbalancerippools", "CiliumLoadBalancerIPPool");

  private static Resource cilium(String version, String name, String kind) {
    return new Resource("cilium.io", version, name, kind);
  }

  /** {@code group/version}, or the version alone. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** As roles name it: {@code ciliumnodes.cilium.io}. */
  public String fullName() {
    return group.isEmpty() ? name : name + "." + group;
  }

  /** Of all objects, or of one outside namespaces. */
  public String path(String... more) {
    var path = new StringBuilder(group.isEmpty() ? "/api/" : "/apis/");
    path.append(apiVersion()).append('/').append(name);
    for (var part : more) {
      path.append('/').append(encode(part));
    }
    return path.toString();
  }

  /** Of the objects of a namespace, or of one in it. */
  public String pathIn(String namespace, String... more) {
    var path = new StringBuilder(group.isEmpty() ? "/api/" : "/apis/");
    path.append(apiVersion()).append("/namespaces/").append(encode(namespace));
    path.append('/').append(name);
    for (var part : more) {
      path.append('/').append(encode(part));
    }
    return path.toString();
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
