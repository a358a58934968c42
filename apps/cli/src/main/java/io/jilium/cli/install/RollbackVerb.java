// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.verb.VerbException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code jilium rollback}. */
@Command(
    name = "rollback",
    description = "Brings an earlier revision of the installation back, as a new revision.",
    footer = {"%nExamples:", "  jilium rollback", "  jilium rollback 3 --wait"})
public final class RollbackVerb extends ClusterVerb {
  @Parameters(
      arity = "0..1",
      paramLabel = "REVISION",
      description = "default: the one that was in effect before the last")
  private Optional<Integer> wanted = Optional.empty();

  @Mixin private ChangeOptions change = new ChangeOptions();

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    var installation = new Installation(client, cluster(), out);
    Release release = earlier(installation.releases().history());
    installation.say(
        "ℹ️  Rolling back to revision %d, Jilium version %s"
            .formatted(release.revision(), release.chartVersion()));
    installation.deploy(
        new Installation.Revision(
            release.chart(), release.config(), release.manifest(), release.notes()),
        "Rollback to %d".formatted(release.revision()),
        change.kept());
    return change.finish(installation);
  }

  private Release earlier(List<Release> history) {
    Optional<Release> found =
        wanted.isPresent()
            ? history.stream().filter(old -> old.revision() == wanted.get()).findFirst()
            : history.stream()
                .skip(1)
                .filter(old -> old.status().equals(Release.SUPERSEDED))
                .findFirst();
    return found.orElseThrow(() ->
        new VerbException(
            history.isEmpty()
                ? "there is no release %s in namespace %s"
                    .formatted(cluster().release(), cluster().namespace())
                : wanted.isPresent()
                    ? "release %s has no revision %d; it has %s"
                        .formatted(
                            cluster().release(),
                            wanted.get(),
                            String.join(
                                ", ",
                                history.reversed().stream()
                                    .map(old -> Integer.toString(old.revision()))
                                    .toList()))
                    : "release %s has no earlier revision".formatted(cluster().release())));
  }
}
