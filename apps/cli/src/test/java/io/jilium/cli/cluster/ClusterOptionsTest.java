// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.verb.VerbException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Which cluster the options mean. */
final class ClusterOptionsTest {
  private static final String KUBECONFIG =
      """
      apiVersion: v1
      kind: Config
      clusters:
      - {name: one, cluster: {server: "https://127.0.0.1:1"}}
      - {name: two, cluster: {server: "https://127.0.0.2:2"}}
      users:
      - {name: me, user: {token: secret}}
      contexts:
      - {name: first, context: {cluster: one, user: me}}
      - {name: second, context: {cluster: two, user: me}}
      current-context: first
      """;

  @TempDir private Path directory = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void kubeconfig() throws IOException {
    file = Files.writeString(directory.resolve("config"), KUBECONFIG);
  }

  @Test
  void meansTheCurrentContextOfTheKubeconfig() {
    ClusterOptions options = options("--kubeconfig", file.toString());
    assertThat(options.clusterName()).contains("one");
    try (KubernetesClient client = options.connect()) {
      assertThat(client.getMasterUrl()).hasToString("https://127.0.0.1:1/");
      assertThat(client.getNamespace()).isEqualTo("kube-system");
    }
  }

  @Test
  void meansTheContextThatIsNamed() {
    ClusterOptions options = options("--kubeconfig", file.toString(), "--context", "second");
    assertThat(options.clusterName()).contains("two");
    try (KubernetesClient client = options.connect()) {
      assertThat(client.getMasterUrl()).hasToString("https://127.0.0.2:2/");
    }
  }

  @Test
  void actsAsAnotherUser() {
    ClusterOptions options =
        options(
            "--kubeconfig", file.toString(), "--as", "eve", "--as-group", "a", "--as-group", "b");
    try (KubernetesClient client = options.connect()) {
      assertThat(client.getConfiguration().getImpersonateUsername()).isEqualTo("eve");
      assertThat(client.getConfiguration().getImpersonateGroups()).containsExactly("a", "b");
    }
  }

  @Test
  void saysWhichContextsThereAre() {
    assertThatThrownBy(options("--kubeconfig", file.toString(), "--context", "third")::connect)
        .isInstanceOf(VerbException.class)
        .hasMessage("the kubeconfig has no context third; it has first, second");
  }

  @Test
  void saysThatTheFileIsMissing() {
    assertThatThrownBy(options("--kubeconfig", directory + "/none")::connect)
        .isInstanceOf(VerbException.class)
        .hasMessage(
            "cannot read the kubeconfig %s/none: give --kubeconfig FILE or set KUBECONFIG"
                .formatted(directory));
  }

  @Test
  void saysThatNoServerAnswers() {
    try (KubernetesClient client = options("--kubeconfig", file.toString()).connect()) {
      assertThatThrownBy(() -> client.namespaces().list())
          .isInstanceOfSatisfying(
              KubernetesClientException.class,
              e ->
                  assertThat(ClusterFailure.of(e, client))
                      .hasMessage(
                          "no API server answers at https://127.0.0.1:1/: check the kubeconfig's"
                              + " server"));
    }
  }

  private static ClusterOptions options(String... arguments) {
    var options = new ClusterOptions();
    new CommandLine(new Verb(options)).parseArgs(arguments);
    return options;
  }

  @CommandLine.Command(name = "verb")
  private record Verb(@CommandLine.Mixin ClusterOptions options) {}
}
