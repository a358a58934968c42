// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.FaultyApi.Faults;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients are shown is what was asked for. */
@Tag("kube")
class FaultyApiTest {
  @Test
  void isAsBadAsItIsToldToBe(@TempDir Path directory) {
    try (var api = ApiServer.start(directory.resolve("api"));
        var faulty = FaultyApi.before(api)) {
      var kubectl =
          Command.of(
              KubePrograms.get().program("kubectl").toString(),
              "--kubeconfig="
                  + faulty.kubeconfig(api.kubeconfig(), directory.resolve("faulty.conf")));
      var namespaces = kubectl.with(List.of("get", "--raw", "/api/v1/namespaces"));
      assertThat(namespaces.run()).contains("kube-system");

      faulty.have(Faults.NONE.refusing(500, 1));
      assertThat(namespaces.attempt().output()).contains("by the test");
      assertThat(faulty.refused()).isPositive();

      faulty.have(Faults.NONE.withUnknownFields());
      assertThat(namespaces.run()).contains("\"metadata\":{\"futureField\"");

      faulty.have(Faults.NONE.slow(Duration.ofSeconds(1)));
      var began = Instant.now();
      namespaces.run();
      assertThat(Duration.between(began, Instant.now())).isGreaterThan(Duration.ofSeconds(1));

      faulty.have(Faults.NONE.cuttingWatches(Duration.ofSeconds(1)));
      kubectl
          .with(List.of("get", "--raw", "/api/v1/namespaces?watch=true&timeoutSeconds=60"))
          .attempt();
      assertThat(faulty.cutWatches()).isEqualTo(1);
    }
  }
}
