// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a change is.
 *
 * @param done whether everything runs as it is described now
 * @param text for people
 */
record Progress(boolean done, String text) {
  static Progress of(@Nullable DaemonSet agents, @Nullable Deployment operators) {
    boolean done = true;
    String text = "";
    if (agents != null) {
      var status = agents.getStatus();
      boolean seen = seen(status.getObservedGeneration(), agents.getMetadata().getGeneration());
      int wanted = seen ? number(status.getDesiredNumberScheduled()) : 0;
      int fresh =
          Math.min(number(status.getUpdatedNumberScheduled()), number(status.getNumberReady()));
      done = seen && fresh >= wanted;
      text = "agents %d/%s".formatted(fresh, seen ? wanted : "?");
    }
    if (operators != null) {
      var status = operators.getStatus();
      boolean seen = seen(status.getObservedGeneration(), operators.getMetadata().getGeneration());
      int wanted = number(operators.getSpec().getReplicas());
      int fresh =
          seen
              ? Math.min(number(status.getUpdatedReplicas()), number(status.getReadyReplicas()))
              : 0;
      done &= seen && fresh >= wanted;
      text += "%soperators %d/%d".formatted(text.isEmpty() ? "" : ", ", fresh, wanted);
    }
    return new Progress(done, text);
  }

  private static boolean seen(@Nullable Long observed, @Nullable Long generation) {
    return Optional.ofNullable(observed).orElse(0L) >= Optional.ofNullable(generation).orElse(0L);
  }

  private static int number(@Nullable Integer number) {
    return number == null ? 0 : number;
  }
}
