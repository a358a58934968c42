// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/** Agents and operators that will not come up by waiting. */
public final class HopelessPods {
  private HopelessPods() {}

  /** The first of them, with the reason: one sentence. */
  public static Optional<String> first(KubernetesClient client, String namespace) {
    return List.of(Part.AGENT, Part.OPERATOR).stream()
        .flatMap(part ->
            client
                .pods()
                .inNamespace(namespace)
                .withLabelSelector(part.labels())
                .list()
                .getItems()
                .stream())
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(PodTrouble::isHopeless)
        .findFirst()
        .map(pod ->
            "pod %s: %s"
                .formatted(
                    pod.getMetadata().getName(),
                    String.join(
                        "; ",
                        PodTrouble.of(pod, container -> LastWords.of(client, pod, container)))));
  }
}
