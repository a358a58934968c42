// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

/**
 * Nobody reads standard output any more ({@code jilium monitor | head}): a reason to stop, not a
 * failure.
 */
public final class OutputClosedException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
