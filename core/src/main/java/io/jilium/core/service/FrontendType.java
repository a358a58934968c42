// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

/** By which of its addresses a service is reached. */
public enum FrontendType {
  CLUSTER_IP("ClusterIP"),
  NODE_PORT("NodePort"),
  EXTERNAL_IPS("ExternalIPs"),
  LOAD_BALANCER("LoadBalancer"),
  HOST_PORT("HostPort");

  private final String text;

  FrontendType(String text) {
    this.text = text;
  }

  /** What people read; Cilium's words. */
  public String text() {
    return text;
  }
}
