// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;

/** What an agent says of itself: {@code jilium status -o json}, run in its pod. */
final class AgentReport {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int PATIENCE_FAILURES = 3;

  private AgentReport() {}

  /** The troubles of the agent in this pod. */
  static List<Problem> problems(String pod, String json) {
    JsonNode status;
    try {
      status = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      return List.of(Problem.warning(Part.AGENT, pod, "its status is not JSON"));
    }
    var problems = new ArrayList<Problem>();
    component(status, "cilium", "the agent", pod, problems);
    component(status, "kvstore", "its store", pod, problems);
    component(status, "kubernetes", "Kubernetes", pod, problems);
    component(status, "cni-file", "the CNI configuration", pod, problems);
    for (var controller : status.path("controllers")) {
      var state = controller.path("status");
      if (state.path("consecutive-failure-count").asInt() >= PATIENCE_FAILURES) {
        problems.add(
            Problem.warning(
                Part.AGENT,
                pod,
                "controller %s has failed %d times: %s"
                    .formatted(
                        controller.path("name").asText(),
                        state.path("consecutive-failure-count").asInt(),
                        state.path("last-failure-msg").asText())));
      }
    }
    return problems;
  }

  private static void component(
      JsonNode status, String field, String name, String pod, List<Problem> problems) {
    String state = status.path(field).path("state").asText();
    String message = name + ": " + status.path(field).path("msg").asText();
    switch (state) {
      case "Failure" -> problems.add(Problem.error(Part.AGENT, pod, message));
      case "Warning" -> problems.add(Problem.warning(Part.AGENT, pod, message));
      default -> {}
    }
  }
}
