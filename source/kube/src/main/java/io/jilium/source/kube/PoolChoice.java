// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PoolDemand;
import io.jilium.core.model.SecurityLabels;
import io.jilium.source.kube.crd.LabelSelector;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Out of which pool a pod takes its address: the one that the pod names in an annotation, else the
 * one that its namespace names, else the first by name whose selectors fit, else the default one.
 * Thread-safe.
 */
final class PoolChoice {
  private static final String BOTH = "ipam.cilium.io/ip-pool";
  private static final String IPV4 = "ipam.cilium.io/ipv4-pool";
  private static final String IPV6 = "ipam.cilium.io/ipv6-pool";
  private static final String POD_NAME = "io.kubernetes.pod.name";

  private record Selectors(Optional<LabelSelector> pods, Optional<LabelSelector> namespaces) {
    boolean isEmpty() {
      return pods.isEmpty() && namespaces.isEmpty();
    }
  }

  private record Space(Map<String, String> labels, Map<String, String> named) {}

  private final OwnPods pods;
  private final Map<String, Space> spaces = new HashMap<>();
  private final Map<String, Selectors> pools = new TreeMap<>();

  PoolChoice(OwnPods pods) {
    this.pods = pods;
  }

  synchronized void namespace(JsonNode object) {
    var named = new HashMap<String, String>();
    var annotations = object.path("metadata").path("annotations");
    for (var name : new String[] {BOTH, IPV4, IPV6}) {
      if (annotations.has(name)) {
        named.put(name, Json.text(annotations, name));
      }
    }
    spaces.put(Json.name(object), new Space(Json.labels(object), named));
  }

  synchronized void namespaceGone(String name) {
    spaces.remove(name);
  }

  synchronized void pool(JsonNode object) {
    var spec = object.path("spec");
    var selectors =
        new Selectors(selector(spec.path("podSelector")), selector(spec.path("namespaceSelector")));
    if (selectors.isEmpty()) {
      pools.remove(Json.name(object));
    } else {
      pools.put(Json.name(object), selectors);
    }
  }

  synchronized void poolGone(String name) {
    pools.remove(name);
  }

  private static Optional<LabelSelector> selector(JsonNode tree) {
    return tree.isObject() ? Optional.of(NodeConfigs.selector(tree)) : Optional.empty();
  }

  synchronized String of(PodName name, boolean v4) {
    var facts = pods.get(name);
    var space = spaces.getOrDefault(name.namespace(), new Space(Map.of(), Map.of()));
    return facts
        .flatMap(pod -> named(pod.pod().annotations(), v4))
        .or(() -> named(space.named(), v4))
        .or(() -> facts.flatMap(pod -> selected(pod, space)))
        .orElse(PoolDemand.DEFAULT);
  }

  private static Optional<String> named(Map<String, String> annotations, boolean v4) {
    return Optional.ofNullable(annotations.get(v4 ? IPV4 : IPV6))
        .or(() -> Optional.ofNullable(annotations.get(BOTH)))
        .filter(pool -> !pool.isBlank());
  }

  /** Selectors may ask for the pod's name and namespace as if they were labels. */
  private Optional<String> selected(PodFacts facts, Space space) {
    var labels = new HashMap<>(facts.pod().labels());
    labels.put(SecurityLabels.NAMESPACE, facts.pod().namespace());
    labels.put(POD_NAME, facts.pod().name());
    return pools.entrySet().stream()
        .filter(entry ->
            entry.getValue().pods().map(selector -> selector.matches(labels)).orElse(true)
                && entry
                    .getValue()
                    .namespaces()
                    .map(selector -> selector.matches(space.labels()))
                    .orElse(true))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
