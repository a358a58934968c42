// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** {@code internalTrafficPolicy} and {@code externalTrafficPolicy} of a service. */
public enum TrafficPolicy {
  /** Any endpoint of the cluster. */
  CLUSTER("Cluster"),
  /** Endpoints on the node where the traffic is. */
  LOCAL("Local");

  private final String text;

  TrafficPolicy(String text) {
    this.text = text;
  }

  /** The policy as Kubernetes writes it; whatever else, and nothing, is {@code Cluster}. */
  public static TrafficPolicy named(String text) {
    return text.equals(LOCAL.text) ? LOCAL : CLUSTER;
  }

  /** As Kubernetes writes it. */
  public String text() {
    return text;
  }
}
