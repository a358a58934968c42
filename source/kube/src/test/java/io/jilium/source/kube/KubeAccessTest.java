// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeAccessTest {
  private static final Map<String, String> IN_CLUSTER =
      Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443");

  @Test
  void theServiceIsUsedWhereNothingElseIsSaid() {
    assertThat(new KubeAccess(Optional.empty(), "", "").url(IN_CLUSTER))
        .contains("https://10.96.0.1:443");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 6443, https://192.0.2.7:6443",
    "api.example, '', https://api.example:443",
    "fd00::1, 6443, https://[fd00::1]:6443",
    "https://api.example:8443, '', https://api.example:8443"
  })
  void theHostThatIsSetWinsOverTheService(String host, String port, String url) {
    assertThat(new KubeAccess(Optional.empty(), host, port).url(IN_CLUSTER)).contains(url);
  }

  @Test
  void aKubeconfigWinsOverTheServiceAndTheHostThatIsSetOverBoth(@TempDir Path directory)
      throws IOException {
    var file =
        Files.writeString(
            directory.resolve("config"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "https://192.0.2.9:6443"}}]
            users: [{name: u, user: {token: secret}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """);
    var config = KubeConnection.config(KubeAccess.of(file), "jilium-test", IN_CLUSTER);
    assertThat(config.getMasterUrl()).startsWith("https://192.0.2.9:6443");
    assertThat(config.getUserAgent()).isEqualTo("jilium-test");
    assertThat(
            KubeConnection.config(
                    new KubeAccess(Optional.of(file), "192.0.2.10", "6443"), "", IN_CLUSTER)
                .getMasterUrl())
        .startsWith("https://192.0.2.10:6443");
  }

  @Test
  void whatIsMissingIsNamed(@TempDir Path directory) {
    var missing = directory.resolve("none");
    assertThatThrownBy(() -> KubeConnection.config(KubeAccess.of(missing), "", Map.of()))
        .hasMessage("kubeconfig " + missing + " cannot be read");
  }
}
