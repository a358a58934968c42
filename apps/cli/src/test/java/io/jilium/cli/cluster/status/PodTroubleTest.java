// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodTroubleTest {
  private static List<String> trouble(String status) {
    Pod pod =
        new KubernetesSerialization()
            .unmarshal(
                "{\"metadata\":{\"name\":\"jilium-x7\"},\"status\":" + status + "}", Pod.class);
    return PodTrouble.of(
        pod, container -> LastWords.of("info: starting\nerror: no route to etcd\n"));
  }

  @Test
  void readyPodHasNone() {
    assertThat(
            trouble(
                "{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}"))
        .isEmpty();
  }

  @Test
  void crashLoopTellsHowOftenAndWhatTheProcessSaid() {
    assertThat(
            trouble(
                """
                {"phase": "Running", "containerStatuses": [{"name": "jilium-agent", "restartCount": 4,
                  "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
                  "lastState": {"terminated": {"exitCode": 1}}}]}
                """))
        .containsExactly(
            "container jilium-agent is crash looping, 4 restarts, the last with exit code 1:"
                + " error: no route to etcd");
  }

  @Test
  void containerThatNeverStartedTellsWhatTheRuntimeSays() {
    Pod pod =
        new KubernetesSerialization()
            .unmarshal(
                """
                {"status": {"phase": "Running", "containerStatuses": [{"name": "jilium-agent", "restartCount": 2,
                  "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                  "lastState": {"terminated": {"exitCode": 128, "message": "unable to apply caps"}}}]}}
                """,
                Pod.class);
    assertThat(PodTrouble.of(pod, container -> ""))
        .containsExactly(
            "container jilium-agent is crash looping, 2 restarts, the last with exit code 128:"
                + " unable to apply caps");
  }

  @Test
  void imageThatIsNotThereIsNamed() {
    assertThat(
            trouble(
                """
                {"phase": "Pending", "initContainerStatuses": [{"name": "install-cni",
                  "state": {"waiting": {"reason": "ErrImageNeverPull", "message": "Container image \\"x\\" is not present"}}}],
                 "containerStatuses": [{"name": "jilium-agent", "state": {"waiting": {"reason": "PodInitializing"}}}]}
                """))
        .containsExactly(
            "container install-cni waits: ErrImageNeverPull: Container image \"x\" is not present");
  }

  @ParameterizedTest(name = "{0} after {1} restarts: {2}")
  @CsvSource({
    "ImagePullBackOff, 0, true",
    "ErrImageNeverPull, 0, true",
    "InvalidImageName, 0, true",
    "ErrImagePull, 0, false",
    "PodInitializing, 0, false",
    "CrashLoopBackOff, 2, false",
    "CrashLoopBackOff, 3, true"
  })
  void somePodsWillNotComeUpByWaiting(String reason, int restarts, boolean hopeless) {
    for (var kind : List.of("containerStatuses", "initContainerStatuses")) {
      Pod pod =
          new KubernetesSerialization()
              .unmarshal(
                  """
                  {"status": {"phase": "Pending", "%s": [{"name": "c", "restartCount": %d,
                    "state": {"waiting": {"reason": "%s"}}}]}}
                  """
                      .formatted(kind, restarts, reason),
                  Pod.class);
      assertThat(PodTrouble.isHopeless(pod)).isEqualTo(hopeless);
    }
  }

  @Test
  void schedulerSaysWhyThereIsNoNode() {
    assertThat(
            trouble(
                """
                {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
                  "reason": "Unschedulable", "message": "0/2 nodes are available"}]}
                """))
        .containsExactly("is not scheduled: 0/2 nodes are available");
  }

  @Test
  void podThatRunsWithoutBeingReadySaysWhichContainers() {
    assertThat(
            trouble(
                """
                {"phase": "Running", "conditions": [{"type": "Ready", "status": "False",
                  "message": "containers with unready status: [jilium-agent]"}],
                 "containerStatuses": [{"name": "jilium-agent", "state": {"running": {}}}]}
                """))
        .containsExactly("is not ready: containers with unready status: [jilium-agent]");
  }

  @Test
  void agentsOwnTroubleIsTakenFromItsStatus() {
    assertThat(
            AgentReport.problems(
                "jilium-x7",
                """
                {"cilium": {"state": "Warning", "msg": "the right to list pods is missing"},
                 "kubernetes": {"state": "Failure", "msg": "away since 12:00"},
                 "cni-file": {"state": "Ok", "msg": ""},
                 "controllers": [
                   {"name": "maps", "status": {"consecutive-failure-count": 3, "last-failure-msg": "full"}},
                   {"name": "routes", "status": {"consecutive-failure-count": 1, "last-failure-msg": "x"}}]}
                """))
        .containsExactly(
            Problem.warning(
                Part.AGENT, "jilium-x7", "the agent: the right to list pods is missing"),
            Problem.error(Part.AGENT, "jilium-x7", "Kubernetes: away since 12:00"),
            Problem.warning(Part.AGENT, "jilium-x7", "controller maps has failed 3 times: full"));
  }
}
