// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import java.util.Arrays;
import java.util.Optional;

/** By which of its addresses a service is reached. */
public enum FrontendType {
  CLUSTER_IP(0, "ClusterIP"),
  NODE_PORT(1, "NodePort"),
  EXTERNAL_IPS(2, "ExternalIPs"),
  LOAD_BALANCER(3, "LoadBalancer"),
  HOST_PORT(4, "HostPort");

  private final int number;
  private final String text;

  FrontendType(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The type with this number. */
  public static Optional<FrontendType> of(int number) {
    return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
  }

  /** The number in the kernel's tables. */
  public int number() {
    return number;
  }

  /** What people read; Cilium's words. */
  public String text() {
    return text;
  }
}
