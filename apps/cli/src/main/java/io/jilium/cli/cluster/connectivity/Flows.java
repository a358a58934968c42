// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.cluster.PodShell;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the programs in the kernels did with the packets of an action: it is tried once more. */
final class Flows {
  private static final Duration WARM_UP = Duration.ofMillis(1500);
  private static final Duration TAIL = Duration.ofMillis(800);
  private static final int MOST_SECONDS = 60;
  private static final int MOST_LINES = 40;

  private final KubernetesClient client;
  private final Map<String, PodShell.Place> agents;

  Flows(KubernetesClient client, Map<String, PodShell.Place> agents) {
    this.client = client;
    this.agents = agents;
  }

  /** Lines for people: the events of each node that name an address of the action. */
  List<String> watch(Action action, Supplier<Outcome> attempt) {
    var outputs = new LinkedHashMap<String, ByteArrayOutputStream>();
    var running = new ArrayList<ExecWatch>();
    try {
      for (var node : action.nodes()) {
        var agent = agents.get(node);
        if (agent != null) {
          var out = new ByteArrayOutputStream();
          running.add(monitor(agent, out));
          outputs.put(node, out);
        }
      }
      Patience.pause(WARM_UP);
      var _ = attempt.get();
      Patience.pause(TAIL);
    } catch (KubernetesClientException e) {
      return List.of("no flows: " + e.getMessage());
    } finally {
      running.forEach(ExecWatch::close);
    }
    var lines = new ArrayList<String>();
    outputs.forEach((node, out) ->
        lines.addAll(told(node, out.toString(StandardCharsets.UTF_8), action.addresses())));
    return lines;
  }

  private ExecWatch monitor(PodShell.Place agent, ByteArrayOutputStream out) {
    return client
        .pods()
        .inNamespace(agent.namespace())
        .withName(agent.pod())
        .inContainer(agent.container())
        .writingOutput(out)
        .exec("timeout", Integer.toString(MOST_SECONDS), "jilium", "monitor", "--no-aggregation");
  }

  static List<String> told(String node, String output, List<String> addresses) {
    var lines =
        output
            .lines()
            .filter(line -> addresses.stream().anyMatch(address -> names(line, address)))
            .map(line -> node + "  " + line)
            .toList();
    if (lines.isEmpty()) {
      return List.of(node + "  no packet of it was seen here");
    }
    if (lines.size() <= MOST_LINES) {
      return lines;
    }
    var shown = new ArrayList<>(lines.subList(0, MOST_LINES));
    shown.add("%s  and %d more".formatted(node, lines.size() - MOST_LINES));
    return shown;
  }

  /** The address, not one that merely begins or ends like it. */
  private static boolean names(String line, String address) {
    for (int at = line.indexOf(address); at >= 0; at = line.indexOf(address, at + 1)) {
      boolean begins = at == 0 || !partOfAddress(line.charAt(at - 1));
      if (begins && endsAt(line, at + address.length())) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsAt(String line, int end) {
    if (end == line.length()) {
      return true;
    }
    boolean dot = line.charAt(end) == '.';
    return dot
        ? end + 1 == line.length() || !Character.isDigit(line.charAt(end + 1))
        : !Character.isLetterOrDigit(line.charAt(end));
  }

  private static boolean partOfAddress(char c) {
    return Character.isLetterOrDigit(c) || c == '.' || c == ':';
  }
}
