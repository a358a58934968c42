// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.cli.verb.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StatusSummaryTest {
  private static final String IMAGE = "docker.io/jilium/jilium:0.1.0";

  private static ClusterStatus status(int ready, Problem... problems) {
    return new ClusterStatus(
        Map.of(
            Part.AGENT, new ClusterStatus.Workload(3, ready, ready),
            Part.OPERATOR, new ClusterStatus.Workload(1, 1, 1)),
        Map.of(
            Part.AGENT, Map.of("Running", ready, "Pending", 3 - ready),
            Part.OPERATOR, Map.of("Running", 1)),
        Map.of(Part.AGENT, Map.of(IMAGE, 3), Part.OPERATOR, Map.of(IMAGE, 1)),
        5,
        4,
        "0.1.0",
        List.of(problems));
  }

  private static String text(ClusterStatus status) {
    var text = new StringWriter();
    new StatusSummary(Paint.PLAIN).print(status, new PrintWriter(text));
    return text.toString();
  }

  @Test
  void boxSaysOkAndNamesWhatIsDisabled() {
    assertThat(text(status(3)))
        .startsWith(
            """
                /¯¯\\
             /¯¯\\__/¯¯\\    Jilium:             OK
             \\__/¯¯\\__/    Operator:           OK
             /¯¯\\__/¯¯\\    Envoy DaemonSet:    disabled
             \\__/¯¯\\__/    Hubble Relay:       disabled
                \\__/       ClusterMesh:        disabled

            """)
        .containsPattern("DaemonSet +jilium +Desired: 3, Ready: 3/3, Available: 3/3")
        .containsPattern("Deployment +jilium-operator +Desired: 1, Ready: 1/1, Available: 1/1")
        .containsPattern("Cluster Pods: +4/5 managed by Jilium")
        .containsPattern("Helm chart version: +0\\.1\\.0")
        .containsPattern("Image versions +jilium +" + IMAGE + ": 3\n +jilium-operator +" + IMAGE)
        .doesNotContain("Errors:");
  }

  @Test
  void problemsAreCountedInTheBoxAndListedBelow() {
    var status =
        status(
            2,
            Problem.error(Part.AGENT, "jilium", "1 of 3 pods of DaemonSet jilium are not ready"),
            Problem.error(Part.AGENT, "jilium-x7", "is not ready"),
            Problem.warning(Part.OPERATOR, "jilium-operator", "is being rolled out"));
    assertThat(text(status))
        .contains("Jilium:             2 errors\n")
        .contains("Operator:           1 warning\n")
        .containsPattern("Containers: +jilium +Pending: 1, Running: 2\n")
        .containsPattern("Errors: +jilium +jilium +1 of 3 pods of DaemonSet jilium are not ready\n")
        .containsPattern("\n +jilium +jilium-x7 +is not ready\n")
        .containsPattern("Warnings: +jilium-operator +jilium-operator +is being rolled out\n");
    assertThat(status.isWell(true)).isFalse();
    assertThat(status.missing())
        .isEqualTo(
            "jilium: 1 of 3 pods of DaemonSet jilium are not ready; jilium-x7: is not ready;"
                + " jilium-operator: is being rolled out");
  }

  @Test
  void warningsAloneMatterUnlessTheyAreIgnored() {
    var status = status(3, Problem.warning(Part.AGENT, "jilium-x7", "etcd is away"));
    assertThat(status.isWell(false)).isFalse();
    assertThat(status.isWell(true)).isTrue();
  }

  @Test
  void jsonHasTheSame() {
    assertThat(
            Json.compact(SummaryJson.of(status(2, Problem.error(Part.AGENT, "jilium-x7", "no")))))
        .contains("\"pod_state\":{\"jilium\":{\"Type\":\"DaemonSet\",\"Desired\":3,\"Ready\":2")
        .contains("\"pods_count\":{\"all\":5,\"by_jilium\":4}")
        .contains(
            "\"errors\":[{\"component\":\"jilium\",\"object\":\"jilium-x7\",\"message\":\"no\"}]")
        .contains("\"helm_chart_version\":\"0.1.0\"");
  }

  @Test
  void coloursAreForTerminals() {
    assertThat(Paint.COLOURS.bad("x")).isEqualTo("\033[31mx\033[0m");
    assertThat(Paint.PLAIN.bad("x")).isEqualTo("x");
  }
}
