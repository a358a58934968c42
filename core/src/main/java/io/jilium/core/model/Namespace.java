// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Map;

/** A Kubernetes namespace with its labels. */
public record Namespace(String name, Map<String, String> labels) {
  /** Copies. */
  public Namespace {
    labels = Map.copyOf(labels);
  }
}
