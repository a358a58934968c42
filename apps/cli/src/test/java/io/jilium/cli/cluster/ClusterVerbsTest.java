// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.cli.FakeAgent;
import io.jilium.test.kube.kit.ApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs on a cluster, against a real API server whose objects say that an agent crashes. */
@Tag("kube")
final class ClusterVerbsTest {
  private static final String WORKLOAD =
      """
      apiVersion: apps/v1
      kind: %1$s
      metadata:
        namespace: kube-system
        name: %2$s
        labels: {helm.sh/chart: jilium-0.1.0}
      spec:
        selector: {matchLabels: {name: %2$s}}
        template:
          metadata: {labels: {name: %2$s}}
          spec:
            containers:
            - name: main
              image: docker.io/jilium/jilium:0.1.0
              args: [--token=hidden-argument]
              env: [{name: TOKEN, value: hidden-variable}]
      ---
      """;
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {namespace: kube-system, name: jilium-x7, labels: {k8s-app: jilium}}
      spec:
        nodeName: node-1
        hostNetwork: true
        containers: [{name: jilium-agent, image: "docker.io/jilium/jilium:0.1.0"}]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {namespace: kube-system, name: web, labels: {app: web}}
      spec:
        nodeName: node-1
        containers: [{name: web, image: "web:1"}]
      ---
      apiVersion: v1
      kind: Secret
      metadata: {namespace: kube-system, name: secret}
      stringData: {password: hidden-secret}
      """;

  @TempDir private static Path directory = Path.of("");

  @SuppressWarnings("NullAway.Init") // JUnit calls start first
  private static ApiServer api;

  @BeforeAll
  static void start() {
    api = ApiServer.start(directory.resolve("api"));
    api.apply(
        WORKLOAD.formatted("DaemonSet", "jilium")
            + WORKLOAD.formatted("Deployment", "jilium-operator")
            + POD);
    status(
        "daemonset/jilium",
        "{\"desiredNumberScheduled\": 2, \"currentNumberScheduled\": 2,"
            + " \"numberMisscheduled\": 0, \"numberReady\": 1, \"numberAvailable\": 1,"
            + " \"updatedNumberScheduled\": 2, \"observedGeneration\": 1}");
    status(
        "deployment/jilium-operator",
        "{\"replicas\": 1, \"readyReplicas\": 1,"
            + " \"availableReplicas\": 1, \"updatedReplicas\": 1, \"observedGeneration\": 1}");
    status(
        "pod/jilium-x7",
        "{\"phase\": \"Running\", \"containerStatuses\": [{\"name\": \"jilium-agent\","
            + " \"image\": \"x\", \"imageID\": \"x\", \"ready\": false, \"restartCount\": 3,"
            + " \"state\": {\"waiting\": {\"reason\": \"CrashLoopBackOff\"}},"
            + " \"lastState\": {\"terminated\": {\"exitCode\": 7}}}]}");
  }

  private static void status(String object, String status) {
    api.kubectl(
        "-n",
        "kube-system",
        "patch",
        object,
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\": " + status + "}");
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static FakeAgent.Outcome run(Path kubeconfig, String... words) {
    var all = new java.util.ArrayList<>(java.util.List.of(words));
    all.add("--kubeconfig");
    all.add(kubeconfig.toString());
    return FakeAgent.runAlone(all.toArray(String[]::new));
  }

  @Test
  void statusNamesWhatIsWrongAndEndsWithOne() {
    var status = run(api.kubeconfig(), "status");
    assertThat(status.err()).isEmpty();
    assertThat(status.code()).isEqualTo(1);
    assertThat(status.out())
        .contains("Jilium:             2 errors\n")
        .containsPattern("DaemonSet +jilium +Desired: 2, Ready: 1/2, Available: 1/2\n")
        .containsPattern("Deployment +jilium-operator +Desired: 1, Ready: 1/1, Available: 1/1\n")
        .containsPattern("Cluster Pods: +0/1 managed by Jilium\n")
        .containsPattern("Helm chart version: +0\\.1\\.0\n")
        .contains("1 of 2 pods of DaemonSet jilium are not ready")
        .contains("container jilium-agent is crash looping, 3 restarts, the last with exit code 7")
        .contains("has not made the CustomResourceDefinition ciliumendpoints.cilium.io yet");
  }

  @Test
  void waitingEndsInTimeAndSaysWhatIsMissing() {
    long start = System.nanoTime();
    var status = run(api.kubeconfig(), "status", "--wait", "--wait-duration", "3s");
    assertThat(status.code()).isEqualTo(1);
    assertThat((System.nanoTime() - start) / 1e9).isBetween(3.0, 30.0);
    assertThat(status.out())
        .contains("Not ready after 3s: ")
        .contains("1 of 2 pods of DaemonSet jilium are not ready");
  }

  @Test
  void missingRightIsNamed() {
    var nobody = api.serviceAccount("default", "nobody");
    var status = run(nobody, "status");
    assertThat(status.out() + status.err())
        .contains(
            "User \"system:serviceaccount:default:nobody\" cannot get resource \"daemonsets\"")
        .doesNotContain("there is no DaemonSet");
    assertThat(status.code()).isEqualTo(1);
  }

  @Test
  void sysdumpHoldsObjectsAndNoSecrets() throws IOException {
    var dump = run(api.kubeconfig(), "sysdump", "--output-filename", directory + "/dump-<ts>");
    assertThat(dump.err()).isEmpty();
    assertThat(dump.code()).isZero();
    String file = dump.out().replaceAll("(?s).*🗳  (\\S+) .*", "$1");
    var files = new TreeMap<String, String>();
    try (var zip = new ZipFile(file)) {
      for (var entry : zip.stream().toList()) {
        var text = zip.getInputStream(entry).readAllBytes();
        files.put(
            entry.getName().replaceFirst("^[^/]*/", ""), new String(text, StandardCharsets.UTF_8));
      }
    }
    assertThat(files)
        .containsKeys(
            "kubernetes/pods.yaml", "kubernetes/daemonsets.yaml", "kubernetes/version.yaml");
    assertThat(files.get("kubernetes/daemonsets.yaml")).contains("docker.io/jilium/jilium:0.1.0");
    assertThat(String.join("\n", files.values())).doesNotContain("hidden-");
    // There is no kubelet that could give a log.
    assertThat(files.get("not-collected.txt")).contains("logs/jilium-x7/jilium-agent.log: ");
    assertThat(dump.out()).contains("could not be had; not-collected.txt in the archive says why");
  }

  @Test
  void connectivityTestWithoutAgentsOrNodesSaysWhatIsMissing() {
    assertThat(run(api.kubeconfig(), "connectivity", "test").err())
        .isEqualTo(
            "Error: no node is ready and takes pods: 'kubectl get nodes' says why, 'jilium status'"
                + " too\n");
    assertThat(run(api.kubeconfig(), "connectivity", "cleanup").out())
        .isEqualTo("there is no namespace jilium-test\n");
  }
}
