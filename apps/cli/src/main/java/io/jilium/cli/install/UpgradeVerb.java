// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.verb.VerbException;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium upgrade}. */
@Command(
    name = "upgrade",
    description = {
      "Changes an installation: to this program's version, and to other values.",
      "Without values the earlier ones stay; with values they stay only with --reuse-values.",
      "What is no longer rendered is deleted. Pods are restarted when their settings change."
    },
    footer = {
      "%nExamples:",
      "  jilium upgrade --wait",
      "  jilium upgrade --reuse-values --set debug.enabled=true",
      "  jilium rollback"
    })
public final class UpgradeVerb extends ClusterVerb {
  @Mixin private ValueOptions values = new ValueOptions();
  @Mixin private ChangeOptions change = new ChangeOptions();
  @Mixin private DryRunOptions dryRun = new DryRunOptions();

  @Option(names = "--reuse-values", description = "lay the values given here over the earlier ones")
  private boolean reuse;

  @Option(names = "--reset-values", description = "forget the earlier values")
  private boolean reset;

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    if (reuse && reset) {
      throw wrongUsage("--reuse-values and --reset-values contradict each other");
    }
    var installation = new Installation(client, cluster(), out);
    Release last =
        installation
            .releases()
            .last()
            .orElseThrow(() ->
                new VerbException(
                    "there is no release %s in namespace %s: jilium install makes one"
                        .formatted(cluster().release(), cluster().namespace())));
    Chart chart = values.chart();
    Map<String, @Nullable Object> given = values.values();
    boolean keep = reuse || (!reset && !values.any());
    Map<String, @Nullable Object> wanted = keep ? Trees.overlay(last.config(), given) : given;
    return dryRun.run(
        installation,
        new DryRunOptions.Wish(
            chart, wanted, last.revision() + 1, "Upgrade complete", last.config()),
        change,
        () -> {});
  }
}
