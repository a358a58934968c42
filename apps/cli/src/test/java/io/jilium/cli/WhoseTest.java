// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WhoseTest {
  @ParameterizedTest
  @CsvSource({
    "status,                      true,  true,  AGENT",
    "status,                      false, true,  CLUSTER",
    "status,                      false, false, AGENT",
    "status --wait,               true,  false, CLUSTER",
    "status --wait-duration=2m,   true,  true,  CLUSTER",
    "status --kubeconfig /x,      true,  true,  CLUSTER",
    "--node node-1 status,        false, true,  AGENT",
    "status --verbose,            false, true,  AGENT",
  })
  void statusIsOfWhomTheOptionsNameElseOfWhatIsHere(
      String words, boolean agentRuns, boolean clusterIsKnown, Whose expected) {
    assertThat(Whose.status(Arrays.asList(words.split(" ", -1)), agentRuns, clusterIsKnown))
        .isEqualTo(expected);
  }
}
