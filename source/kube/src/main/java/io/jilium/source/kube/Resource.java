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
  static final Resource NODES = new Resource("", "v1", "nodes", "Node");
  static final Resource PODS = new Resource("", "v1", "pods", "Pod");
  static final Resource NAMESPACES = new Resource("", "v1", "namespaces", "Namespace");
  static final Resource CILIUM_NODES = cilium("v2", "ciliumnodes", "CiliumNode");
  static final Resource CILIUM_IDENTITIES = cilium("v2", "ciliumidentities", "CiliumIdentity");
  static final Resource CILIUM_ENDPOINTS = cilium("v2", "ciliumendpoints", "CiliumEndpoint");
  static final Resource CILIUM_ENDPOINT_SLICES =
      cilium("v2alpha1", "ciliumendpointslices", "CiliumEndpointSlice");
  static final Resource CILIUM_NODE_CONFIGS = cilium("v2", "ciliumnodeconfigs", "CiliumNodeConfig");
  static final Resource CILIUM_POD_IP_POOLS =
      cilium("v2alpha1", "ciliumpodippools", "CiliumPodIPPool");

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
