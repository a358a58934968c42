// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What an upgrade with new values says of the earlier ones. */
final class RevertedTest {
  private static final String DEFAULTS =
      "{routingMode: tunnel, debug: {enabled: false, verbose: ''}, devices: []}";

  private static List<String> lines(String earlier, String now) {
    return Reverted.lines(Trees.map(earlier), Trees.map(DEFAULTS), Trees.map(now));
  }

  @Test
  void aValueThatIsNotGivenAgainGoesBack() {
    assertThat(lines("{routingMode: native, debug: {enabled: true}}", "{tunnelPort: 8473}"))
        .containsExactly(
            "⚠️  routingMode goes back from native to tunnel: --reuse-values keeps what was set before",
            "⚠️  debug.enabled goes back from true to false: --reuse-values keeps what was set before");
  }

  @Test
  void oneThatIsGivenAgainOrWasTheChartsDoesNot() {
    assertThat(
            lines(
                "{routingMode: native, debug: {enabled: false}}",
                "{routingMode: native, debug: {verbose: flow}}"))
        .isEmpty();
    assertThat(lines("{debug: {verbose: flow}}", "{debug: {verbose: kvstore}}")).isEmpty();
  }

  @Test
  void whatTheChartDoesNotSayGoesBackToNothing() {
    assertThat(lines("{extraArgs: [x], devices: [eth1]}", "{}"))
        .containsExactly(
            "⚠️  extraArgs goes back from [x] to nothing: --reuse-values keeps what was set before",
            "⚠️  devices goes back from [eth1] to []: --reuse-values keeps what was set before");
  }
}
