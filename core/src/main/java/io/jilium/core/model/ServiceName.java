// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** Namespace and name of a service, or of what belongs to one. */
public record ServiceName(String namespace, String name) implements Comparable<ServiceName> {
  @Override
  public int compareTo(ServiceName other) {
    int order = namespace.compareTo(other.namespace);
    return order != 0 ? order : name.compareTo(other.name);
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
