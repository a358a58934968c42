// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

/**
 * Something that is not as it should be.
 *
 * @param object the pod, DaemonSet or Deployment concerned
 * @param severe an error, else a warning
 */
public record Problem(Part part, String object, String message, boolean severe) {
  static Problem error(Part part, String object, String message) {
    return new Problem(part, object, message, true);
  }

  static Problem warning(Part part, String object, String message) {
    return new Problem(part, object, message, false);
  }
}
