// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What install and upgrade do when they know what is wanted: print it, or carry it out. */
final class DryRunOptions {
  @Option(names = "--dry-run", description = "print what would be applied, apply nothing")
  private boolean manifest;

  @Option(
      names = "--dry-run-helm-values",
      description = "print the values that differ from the chart's, apply nothing")
  private boolean values;

  /**
   * A change to be.
   *
   * @param wanted what the user set, over what is detected
   * @param number of the revision that it makes
   * @param description what the history says of it
   * @param earlier the values of the revision before; empty for the first one
   */
  record Wish(
      Chart chart,
      Map<String, @Nullable Object> wanted,
      int number,
      String description,
      Map<String, @Nullable Object> earlier) {}

  /**
   * Prints or deploys; returns the exit code.
   *
   * @param before is asked before anything is changed
   */
  int run(Installation installation, Wish wish, ChangeOptions change, Runnable before) {
    Detection detection = installation.detect(wish.wanted());
    Map<String, @Nullable Object> all = Trees.overlay(detection.values(), wish.wanted());
    if (values) {
      installation.out().print(Trees.yaml(all));
      return 0;
    }
    Rendering rendering = installation.render(wish.chart(), all, wish.number());
    if (manifest) {
      installation.out().print(rendering.manifest());
      return 0;
    }
    before.run();
    installation.say("ℹ️  Using Jilium version " + wish.chart().version());
    detection.lines().forEach(installation::say);
    Reverted.lines(wish.earlier(), wish.chart().values(), all).forEach(installation::say);
    installation.deploy(
        new Installation.Revision(
            ReleaseStore.stored(wish.chart()), all, rendering.manifest(), rendering.notes()),
        wish.description(),
        change.kept());
    return change.finish(installation);
  }
}
