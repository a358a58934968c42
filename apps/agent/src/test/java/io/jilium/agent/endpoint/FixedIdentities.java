// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Numbers in the order in which labels are asked for; knows the labels it was told. */
final class FixedIdentities implements PodIdentities {
  final Map<PodName, Labels> pods = new ConcurrentHashMap<>();
  final Map<Labels, Integer> users = new ConcurrentHashMap<>();
  private final Map<Labels, NumericIdentity> numbers = new ConcurrentHashMap<>();
  volatile Optional<String> trouble = Optional.empty();

  @Override
  public Optional<Labels> labels(PodName pod) {
    return Optional.ofNullable(pods.get(pod));
  }

  @Override
  public boolean isGone(PodName pod) {
    return false;
  }

  @Override
  public Map<String, String> annotations(PodName pod) {
    return Map.of();
  }

  @Override
  public void lookUp(PodName pod) {}

  @Override
  public Labels labelsWithoutPod(String namespace) {
    return Labels.of(Label.k8s("io.kubernetes.pod.namespace", namespace));
  }

  @Override
  public CompletableFuture<NumericIdentity> acquire(Labels labels) {
    users.merge(labels, 1, Integer::sum);
    var known = numbers.get(labels);
    if (known == null && trouble.isPresent()) {
      return new CompletableFuture<>();
    }
    return CompletableFuture.completedFuture(
        numbers.computeIfAbsent(labels, _ -> new NumericIdentity(256 + numbers.size())));
  }

  @Override
  public void release(Labels labels) {
    users.computeIfPresent(labels, (_, count) -> count == 1 ? null : count - 1);
  }

  @Override
  public Optional<String> trouble() {
    return trouble;
  }
}
