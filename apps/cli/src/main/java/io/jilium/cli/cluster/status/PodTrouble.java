// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Why a pod is not what it should be, as the kubelet and the scheduler say it. */
final class PodTrouble {
  private static final Set<String> HOPELESS =
      Set.of(
          "ImagePullBackOff",
          "ErrImageNeverPull",
          "InvalidImageName",
          "CreateContainerConfigError");

  /** An agent may end once or twice until the operator has installed the kinds. */
  private static final int HOPELESS_RESTARTS = 3;

  private PodTrouble() {}

  /**
   * Sentences; empty for a pod that is well.
   *
   * @param lastWords of a container that ended, empty when there are none
   */
  static List<String> of(Pod pod, Function<String, String> lastWords) {
    var trouble = new ArrayList<String>();
    condition(pod, "PodScheduled")
        .filter(condition -> condition.getStatus().equals("False"))
        .ifPresent(condition -> trouble.add("is not scheduled: " + condition.getMessage()));
    var status = pod.getStatus();
    Stream.concat(
            status.getInitContainerStatuses().stream(), status.getContainerStatuses().stream())
        .forEach(container -> container(container, lastWords).ifPresent(trouble::add));
    if (trouble.isEmpty() && "Failed".equals(status.getPhase())) {
      trouble.add("has failed: " + joined(status.getReason(), status.getMessage()));
    }
    if (trouble.isEmpty() && !isReady(pod)) {
      String since = condition(pod, "Ready").map(PodCondition::getMessage).orElse("");
      trouble.add("is not ready%s".formatted(since == null || since.isEmpty() ? "" : ": " + since));
    }
    return trouble;
  }

  /** Whether waiting is of no use: the image is not to be had, or a container ends each time. */
  static boolean isHopeless(Pod pod) {
    var status = pod.getStatus();
    return Stream.concat(
            status.getInitContainerStatuses().stream(), status.getContainerStatuses().stream())
        .anyMatch(container -> {
          var waiting = Optional.ofNullable(container.getState()).map(ContainerState::getWaiting);
          String reason = waiting.map(state -> String.valueOf(state.getReason())).orElse("");
          return HOPELESS.contains(reason)
              || (reason.equals("CrashLoopBackOff")
                  && container.getRestartCount() >= HOPELESS_RESTARTS);
        });
  }

  static boolean isReady(Pod pod) {
    return condition(pod, "Ready").filter(ready -> ready.getStatus().equals("True")).isPresent();
  }

  private static Optional<PodCondition> condition(Pod pod, String type) {
    return pod.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst();
  }

  private static Optional<String> container(
      ContainerStatus container, Function<String, String> lastWords) {
    var state = Optional.ofNullable(container.getState());
    var waiting = state.map(ContainerState::getWaiting);
    if (waiting.isPresent()) {
      String reason = String.valueOf(waiting.get().getReason());
      return switch (reason) {
        case "CrashLoopBackOff" -> Optional.of(crashLoop(container, lastWords));
        case "PodInitializing", "ContainerCreating" -> Optional.empty();
        default ->
            Optional.of(
                "container %s waits: %s"
                    .formatted(container.getName(), joined(reason, waiting.get().getMessage())));
      };
    }
    var ended = state.map(ContainerState::getTerminated);
    if (ended.isPresent() && ended.get().getExitCode() != 0) {
      return Optional.of(
          "container %s ended with exit code %d%s"
              .formatted(
                  container.getName(),
                  ended.get().getExitCode(),
                  because(words(container, ended.get(), lastWords))));
    }
    return Optional.empty();
  }

  private static String crashLoop(ContainerStatus container, Function<String, String> lastWords) {
    var last = Optional.ofNullable(container.getLastState()).map(ContainerState::getTerminated);
    return "container %s is crash looping, %d restarts, the last with exit code %s%s"
        .formatted(
            container.getName(),
            container.getRestartCount(),
            last.map(ended -> Integer.toString(ended.getExitCode())).orElse("unknown"),
            because(last.map(ended -> words(container, ended, lastWords)).orElse("")));
  }

  /** What the runtime says where the process could say nothing: it never started. */
  private static String words(
      ContainerStatus container,
      ContainerStateTerminated ended,
      Function<String, String> lastWords) {
    String said = lastWords.apply(container.getName());
    return said.isEmpty() && ended.getMessage() != null ? ended.getMessage().strip() : said;
  }

  private static String because(String words) {
    return words.isEmpty() ? "" : ": " + words;
  }

  private static String joined(String reason, String message) {
    String what = reason == null ? "" : reason;
    return message == null || message.isEmpty() ? what : what + ": " + message;
  }
}
