// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.regex.Pattern;

/** What a process said before it ended. */
final class LastWords {
  private static final Pattern TELLING =
      Pattern.compile("\\b(error|severe|fatal|exception|refused)\\b", Pattern.CASE_INSENSITIVE);
  private static final int LIMIT = 300;
  private static final int LINES = 20;

  private LastWords() {}

  /** Of a container of the pod that ended; empty where there is no log. */
  static String of(KubernetesClient client, Pod pod, String container) {
    var metadata = pod.getMetadata();
    try {
      return of(
          client
              .pods()
              .inNamespace(metadata.getNamespace())
              .withName(metadata.getName())
              .inContainer(container)
              .terminated()
              .tailingLines(LINES)
              .getLog());
    } catch (KubernetesClientException e) {
      return "";
    }
  }

  /** The last line of a log that tells of an error, else its last line; empty for an empty log. */
  static String of(String log) {
    List<String> lines = log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (lines.isEmpty()) {
      return "";
    }
    String line =
        lines.reversed().stream()
            .filter(l -> !l.startsWith("at ") && TELLING.matcher(l).find())
            .findFirst()
            .orElse(lines.getLast());
    return line.length() > LIMIT ? line.substring(0, LIMIT) + "…" : line;
  }
}
