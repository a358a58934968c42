// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An installation at one moment.
 *
 * @param workloads of the parts that are there
 * @param phases of the parts' pods, and how many are in each
 * @param images of the parts' containers, and how many pods run each
 * @param pods that have a network of their own and are not ended
 * @param managed those of them that have an endpoint
 * @param chartVersion empty when it cannot be told
 */
public record ClusterStatus(
    Map<Part, Workload> workloads,
    Map<Part, Map<String, Integer>> phases,
    Map<Part, Map<String, Integer>> images,
    int pods,
    int managed,
    String chartVersion,
    List<Problem> problems) {

  /** How far a DaemonSet or Deployment is. */
  public record Workload(int desired, int ready, int available) {
    boolean isReady() {
      return ready >= desired && available >= desired;
    }
  }

  /** Copies. */
  public ClusterStatus {
    workloads = Map.copyOf(workloads);
    phases = Map.copyOf(phases);
    images = Map.copyOf(images);
    problems = List.copyOf(problems);
  }

  List<Problem> errors() {
    return problems.stream().filter(Problem::severe).toList();
  }

  List<Problem> warnings() {
    return problems.stream().filter(problem -> !problem.severe()).toList();
  }

  long count(Part part, boolean severe) {
    return problems.stream()
        .filter(problem -> problem.part() == part && problem.severe() == severe)
        .count();
  }

  /** No errors, and no warnings either unless they do not matter. */
  public boolean isWell(boolean ignoreWarnings) {
    return errors().isEmpty() && (ignoreWarnings || warnings().isEmpty());
  }

  /** What is wrong, in one sentence. */
  public String missing() {
    return problems.stream()
        .map(problem -> problem.object() + ": " + problem.message())
        .distinct()
        .collect(Collectors.joining("; "));
  }
}
