// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.jilium.cli.cluster.Patience;
import io.jilium.cli.cluster.status.ClusterStatusVerb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What install, upgrade and rollback have in common. */
final class ChangeOptions {
  @Option(names = "--wait", description = "until agents and operators are ready; ends with status")
  private boolean wait;

  @Option(
      names = "--wait-duration",
      paramLabel = "TIME",
      converter = Patience.Converter.class,
      description = "how long to wait at most, such as 90s or 5m (default: 5m)")
  private Duration limit = Duration.ofMinutes(5);

  @Option(
      names = "--history-max",
      paramLabel = "N",
      description = "revisions kept of the release, 0 for all (default: 10)")
  private int kept = 10;

  int kept() {
    return kept;
  }

  /** Waits, if that is asked for, and shows the status. */
  int finish(Installation installation) {
    if (!wait) {
      return 0;
    }
    installation.await(limit);
    var status = new CommandLine(new ClusterStatusVerb());
    status.setOut(installation.out());
    status.setExecutionExceptionHandler((e, _, _) -> {
      throw e;
    });
    List<String> words =
        new ArrayList<>(List.of("--wait", "--wait-duration", limit.toSeconds() + "s"));
    words.addAll(installation.cluster().arguments());
    return status.execute(words.toArray(String[]::new));
  }
}
