// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One revision of an installation, as Helm 3 keeps it.
 *
 * @param chart the chart's files, in Helm's own form
 * @param config what the user set
 * @param manifest all objects, as YAML
 * @param status deployed, superseded, failed, uninstalling, pending-install, pending-upgrade or
 *     pending-rollback
 * @param firstDeployed when revision 1 came, RFC 3339
 * @param lastDeployed when this revision came, RFC 3339
 */
record Release(
    String name,
    String namespace,
    int revision,
    Map<String, @Nullable Object> chart,
    Map<String, @Nullable Object> config,
    String manifest,
    String notes,
    String status,
    String description,
    String firstDeployed,
    String lastDeployed) {

  static final String DEPLOYED = "deployed";
  static final String FAILED = "failed";
  static final String SUPERSEDED = "superseded";

  /** The same in another state. */
  Release with(String newStatus, String newDescription) {
    return new Release(
        name,
        namespace,
        revision,
        chart,
        config,
        manifest,
        notes,
        newStatus,
        newDescription,
        firstDeployed,
        lastDeployed);
  }

  /** The version of the chart that made it. */
  String chartVersion() {
    return Trees.text(chart, "metadata", "version");
  }
}
