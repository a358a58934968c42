// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import static io.jilium.cli.verb.Json.object;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@link ClusterStatus} for machines, with the field names of Cilium's CLI where it has them. */
final class SummaryJson {
  private SummaryJson() {}

  static Map<String, Object> of(ClusterStatus status) {
    var workloads = new LinkedHashMap<String, Object>();
    for (var part : Part.values()) {
      var found = status.workloads().get(part);
      if (found != null) {
        workloads.put(
            part.object(),
            object(
                "Type", part.kind().text(),
                "Desired", found.desired(),
                "Ready", found.ready(),
                "Available", found.available(),
                "Unavailable", Math.max(0, found.desired() - found.available())));
      }
    }
    return object(
        "images", counts(status.images()),
        "phase_count", counts(status.phases()),
        "pod_state", workloads,
        "pods_count", object("all", status.pods(), "by_jilium", status.managed()),
        "errors", problems(status.errors()),
        "warnings", problems(status.warnings()),
        "helm_chart_version", status.chartVersion());
  }

  private static Map<String, Object> counts(Map<Part, Map<String, Integer>> counts) {
    var json = new LinkedHashMap<String, Object>();
    for (var part : Part.values()) {
      if (counts.containsKey(part)) {
        json.put(part.object(), counts.get(part));
      }
    }
    return json;
  }

  private static List<Map<String, Object>> problems(List<Problem> problems) {
    return problems.stream()
        .map(problem ->
            object(
                "component", problem.part().object(),
                "object", problem.object(),
                "message", problem.message()))
        .toList();
  }
}
