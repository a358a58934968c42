// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Optional;

/** An address of a node and what it is for. */
public record NodeAddress(Type type, IpAddress address) {
  /** Kubernetes' and Cilium's address types. */
  public enum Type {
    INTERNAL_IP("InternalIP"),
    EXTERNAL_IP("ExternalIP"),
    CILIUM_INTERNAL_IP("CiliumInternalIP");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /** The type with this name. */
    public static Optional<Type> named(String text) {
      for (Type type : values()) {
        if (type.text.equals(text)) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }

    /** As written in resources. */
    public String text() {
      return text;
    }
  }
}
