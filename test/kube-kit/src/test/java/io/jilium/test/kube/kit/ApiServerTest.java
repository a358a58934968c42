// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("kube")
class ApiServerTest {
  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stays", "namespace": "default"},
       "spec": {"containers": [{"name": "none", "image": "none"}]}}
      """;

  @Test
  void keepsItsObjectsWhenItIsStoppedAndStartedAgain(@TempDir Path directory) {
    try (var api = ApiServer.start(directory)) {
      api.apply(POD);
      api.stop();
      var get = api.kubectlCommand().with(List.of("get", "pod", "stays", "-o", "name"));
      assertThat(get.attempt().succeeded()).isFalse();
      api.restart();
      assertThat(get.run().strip()).isEqualTo("pod/stays");
    }
  }

  @Test
  void aServiceAccountMayDoNothingUntilItIsAllowedTo(@TempDir Path directory) {
    try (var api = ApiServer.startWithControllers(directory)) {
      var account = api.serviceAccount("default", "reader");
      var get =
          Command.of(
              KubePrograms.get().program("kubectl").toString(),
              "--kubeconfig=" + account,
              "get",
              "nodes");
      assertThat(get.attempt().output()).contains("Forbidden").contains("default:reader");
      api.kubectl(
          "create",
          "clusterrolebinding",
          "read",
          "--clusterrole=view",
          "--serviceaccount=default:reader");
      api.kubectl("create", "clusterrole", "nodes", "--verb=get,list", "--resource=nodes");
      api.kubectl(
          "create",
          "clusterrolebinding",
          "nodes",
          "--clusterrole=nodes",
          "--serviceaccount=default:reader");
      assertThat(get.run()).contains("No resources found");
    }
  }
}
