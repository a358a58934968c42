// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.verb.VerbException;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium install}. */
@Command(
    name = "install",
    description = {
      "Installs Jilium in a cluster: renders this program's Helm chart and applies it.",
      "Helm is not needed, but its commands (list, history, get, upgrade) know the release."
    },
    footer = {
      "%nExamples:",
      "  jilium install",
      "  jilium install --wait --set routingMode=native --set ipv4NativeRoutingCIDR=10.244.0.0/16",
      "  jilium install --dry-run > jilium.yaml"
    })
public final class InstallVerb extends ClusterVerb {
  @Mixin private ValueOptions values = new ValueOptions();
  @Mixin private ChangeOptions change = new ChangeOptions();
  @Mixin private DryRunOptions dryRun = new DryRunOptions();

  @Option(names = "--list-versions", description = "the versions that this program can install")
  private boolean listVersions;

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    Chart chart = values.chart();
    if (listVersions) {
      out.println("v%s (default)".formatted(chart.version()));
      return 0;
    }
    var installation = new Installation(client, cluster(), out);
    return dryRun.run(
        installation,
        new DryRunOptions.Wish(chart, values.values(), 1, "Install complete", Map.of()),
        change,
        () -> refuseSecond(installation));
  }

  private void refuseSecond(Installation installation) {
    installation
        .releases()
        .last()
        .filter(release -> !release.status().equals(Release.FAILED) || release.revision() > 1)
        .ifPresent(release -> {
          throw new VerbException(
              "Jilium is installed already (release %s, revision %d, %s): jilium upgrade changes it, jilium uninstall removes it"
                  .formatted(release.name(), release.revision(), release.status()));
        });
  }
}
