// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Optional;

/** The identities with fixed numbers (Cilium's). */
public enum ReservedIdentity {
  UNKNOWN(0, "unknown"),
  HOST(1, "host"),
  WORLD(2, "world"),
  UNMANAGED(3, "unmanaged"),
  HEALTH(4, "health"),
  INIT(5, "init"),
  REMOTE_NODE(6, "remote-node"),
  KUBE_APISERVER(7, "kube-apiserver"),
  INGRESS(8, "ingress"),
  WORLD_IPV4(9, "world-ipv4"),
  WORLD_IPV6(10, "world-ipv6");

  private static final List<ReservedIdentity> BY_NUMBER = List.of(values());

  private final int number;
  private final String text;

  ReservedIdentity(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /** The fixed identity with this number. */
  public static Optional<ReservedIdentity> of(int number) {
    return number >= 0 && number < BY_NUMBER.size()
        ? Optional.of(BY_NUMBER.get(number))
        : Optional.empty();
  }

  /** The fixed identity with this name. */
  public static Optional<ReservedIdentity> named(String text) {
    return BY_NUMBER.stream().filter(identity -> identity.text.equals(text)).findFirst();
  }

  /** The number as a value. */
  public NumericIdentity id() {
    return new NumericIdentity(number);
  }

  /** The number. */
  public int number() {
    return number;
  }

  /** The name in labels and output. */
  public String text() {
    return text;
  }

  /** {@code reserved:name}; of the API server also {@code reserved:remote-node}. */
  public Labels labels() {
    return this == KUBE_APISERVER
        ? Labels.of(Label.reserved(text), Label.reserved(REMOTE_NODE.text))
        : Labels.of(Label.reserved(text));
  }
}
