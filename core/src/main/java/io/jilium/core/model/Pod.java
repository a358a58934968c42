// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Map;

/**
 * What the cluster says of a pod.
 *
 * @param nodeName empty until scheduled
 * @param serviceAccount empty means {@code default}
 * @param addresses as far as known
 */
public record Pod(
    PodName id,
    String nodeName,
    String serviceAccount,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<IpAddress> addresses,
    boolean hostNetwork) {

  /** Copies. */
  public Pod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    addresses = List.copyOf(addresses);
  }

  /** The pod's namespace. */
  public String namespace() {
    return id.namespace();
  }

  /** The pod's name. */
  public String name() {
    return id.name();
  }
}
