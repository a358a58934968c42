// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** Namespace and name of a pod. */
public record PodName(String namespace, String name) implements Comparable<PodName> {
  /** Of endpoints that are no pods. */
  public static final PodName NONE = new PodName("", "");

  /** Whether this is {@link #NONE}. */
  public boolean isNone() {
    return name.isEmpty();
  }

  @Override
  public int compareTo(PodName other) {
    int order = namespace.compareTo(other.namespace);
    return order != 0 ? order : name.compareTo(other.name);
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return isNone() ? "" : namespace + "/" + name;
  }
}
