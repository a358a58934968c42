// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Chooses the labels that make an identity. Each rule is matched at the start of the key; a label
 * is left out when a rule excludes it and no including rule matches more of its key. The defaults
 * are Cilium's (pkg/labelsfilter/filter.go), so that the same pod gets the same identity labels.
 */
public final class SecurityLabels {
  /** Holds the pod's namespace. */
  public static final String NAMESPACE = "io.kubernetes.pod.namespace";

  /** Stands before the labels of the pod's namespace. */
  public static final String NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels.";

  /** Holds the pod's service account. */
  public static final String SERVICE_ACCOUNT = "io.cilium.k8s.policy.serviceaccount";

  /** Holds the cluster's name. */
  public static final String CLUSTER = "io.cilium.k8s.policy.cluster";

  /** Cilium's default rules. */
  public static final SecurityLabels DEFAULT =
      new SecurityLabels(
          List.of(
              include(Label.RESERVED, ".*"),
              include("", "io\\.kubernetes\\.pod\\.namespace"),
              include("", "io\\.cilium\\.k8s\\.namespace\\.labels"),
              include("", "app\\.kubernetes\\.io"),
              include("", "io\\.cilium\\.k8s\\.policy\\.cluster"),
              include("", "io\\.cilium\\.k8s\\.policy\\.serviceaccount"),
              exclude("io\\.kubernetes"),
              exclude("kubernetes\\.io"),
              exclude("statefulset\\.kubernetes\\.io/pod-name"),
              exclude("apps\\.kubernetes\\.io/pod-index"),
              exclude("batch\\.kubernetes\\.io/job-completion-index"),
              exclude("batch\\.kubernetes\\.io/controller-uid"),
              exclude(".*beta\\.kubernetes\\.io"),
              exclude("k8s\\.io"),
              exclude("pod-template-generation"),
              exclude("pod-template-hash"),
              exclude("controller-revision-hash"),
              exclude("annotation.*"),
              exclude("controller-uid"),
              exclude("etcd_node"),
              exclude("topology\\.kubernetes\\.io")));

  private record Rule(boolean included, String source, Pattern start) {
    int matchedLength(Label label) {
      if (!source.isEmpty() && !source.equals(label.source())) {
        return 0;
      }
      Matcher matcher = start.matcher(label.key());
      return matcher.lookingAt() ? matcher.end() : 0;
    }
  }

  private final List<Rule> rules;

  private SecurityLabels(List<Rule> rules) {
    this.rules = rules;
  }

  private static Rule include(String source, String start) {
    return new Rule(true, source, Pattern.compile(start));
  }

  private static Rule exclude(String start) {
    return new Rule(false, "", Pattern.compile(start));
  }

  /** The labels that make the identity. */
  public Labels filter(Labels labels) {
    return Labels.of(labels.stream().filter(this::isRelevant).toList());
  }

  /** Whether the label counts for the identity. */
  public boolean isRelevant(Label label) {
    int included = 0;
    int excluded = 0;
    for (Rule rule : rules) {
      int length = rule.matchedLength(label);
      if (length == 0) {
        continue;
      }
      if (rule.included()) {
        included = Math.max(included, length);
      } else {
        excluded = excluded == 0 ? length : Math.min(excluded, length);
      }
    }
    return excluded == 0 || included > excluded;
  }

  /** The identity labels of a pod. */
  public Labels ofPod(Pod pod, Map<String, String> namespaceLabels, String cluster) {
    Function<Map.Entry<String, String>, Label> own = e -> Label.k8s(e.getKey(), e.getValue());
    Function<Map.Entry<String, String>, Label> inherited =
        e -> Label.k8s(NAMESPACE_LABELS + e.getKey(), e.getValue());
    String account = pod.serviceAccount().isEmpty() ? "default" : pod.serviceAccount();
    return filter(
        Labels.of(
            Stream.of(
                    pod.labels().entrySet().stream().map(own),
                    namespaceLabels.entrySet().stream().map(inherited),
                    Stream.of(
                        Label.k8s(NAMESPACE, pod.namespace()),
                        Label.k8s(SERVICE_ACCOUNT, account),
                        Label.k8s(CLUSTER, cluster)))
                .flatMap(Function.identity())
                .toList()));
  }
}
