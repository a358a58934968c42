// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.conntrack;

import java.time.Duration;

/**
 * What the collection of idle connections has done since the agent started.
 *
 * @param failures runs that did not finish
 * @param alive entries that the last run kept
 * @param deleted by all runs
 * @param duration of the last run
 * @param interval until the next
 */
public record ConntrackFigures(
    long runs, long failures, long alive, long deleted, Duration duration, Duration interval) {
  /** Nothing was collected yet. */
  public static final ConntrackFigures NONE =
      new ConntrackFigures(0, 0, 0, 0, Duration.ZERO, Duration.ZERO);
}
