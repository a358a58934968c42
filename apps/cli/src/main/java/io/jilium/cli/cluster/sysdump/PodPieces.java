// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.cluster.ClusterFailure;
import io.jilium.cli.cluster.PodShell;
import io.jilium.cli.cluster.status.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/** What Jilium's pods wrote, and what the agents and their nodes say when asked. */
final class PodPieces {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Commands share the memory of the agent's container with the agent. */
  private static final int AT_ONCE = 2;

  private static final int PREVIOUS_LINES = 100_000;
  private static final int BAD_REQUEST = 400;

  /** File to command, run in the agent's container; it is in the node's network namespace. */
  private static final Map<String, List<String>> COMMANDS = commands();

  private final KubernetesClient client;
  private final String namespace;
  private final Set<String> nodes;
  private final Logs logs;
  private final Map<PodShell.Place, Semaphore> turns = new ConcurrentHashMap<>();

  /**
   * How much of a log.
   *
   * @param limitBytes of each
   */
  record Logs(Duration since, int limitBytes) {}

  /**
   * @param nodes to which it is restricted; empty for all
   */
  PodPieces(KubernetesClient client, String namespace, Set<String> nodes, Logs logs) {
    this.client = client;
    this.namespace = namespace;
    this.nodes = Set.copyOf(nodes);
    this.logs = logs;
  }

  private static Map<String, List<String>> commands() {
    var commands = new LinkedHashMap<String, List<String>>();
    commands.put("version.txt", List.of("jilium", "version"));
    commands.put("status.txt", List.of("jilium", "status", "--verbose"));
    commands.put("status.json", List.of("jilium", "status", "-o", "json"));
    commands.put("config.txt", List.of("jilium", "config"));
    commands.put("health.txt", List.of("jilium", "health", "status"));
    commands.put("metrics.txt", List.of("jilium", "metrics", "list"));
    for (var list : List.of("endpoint", "node", "identity", "ip")) {
      commands.put(list + "-list.json", List.of("jilium", list, "list", "-o", "json"));
    }
    for (var map : List.of("endpoint", "ipcache", "tunnel", "ct", "nat", "metrics", "frag")) {
      commands.put("bpf-" + map + "-list.txt", List.of("jilium", "bpf", map, "list"));
    }
    commands.put("ip-address.txt", List.of("ip", "-d", "address"));
    commands.put("ip-link-statistics.txt", List.of("ip", "-s", "link"));
    commands.put("ip-route.txt", List.of("ip", "route", "show", "table", "all"));
    commands.put("ip-6-route.txt", List.of("ip", "-6", "route", "show", "table", "all"));
    commands.put("ip-rule.txt", List.of("ip", "rule"));
    commands.put("ip-neighbour.txt", List.of("ip", "neighbour"));
    commands.put("tc-qdisc.txt", List.of("tc", "qdisc"));
    commands.put("uname.txt", List.of("uname", "-a"));
    commands.put("state-files.txt", List.of("ls", "-lR", "/var/run/jilium"));
    commands.put("pins.txt", List.of("ls", "-lR", "/sys/fs/bpf"));
    commands.put(
        "cni-configuration.txt", List.of("sh", "-c", "cd /etc/cni/net.d && ls -l && cat *jilium*"));
    return commands;
  }

  List<Piece> all(boolean quick) {
    var pieces = new ArrayList<Piece>();
    for (var part : Part.values()) {
      for (var pod : pods(part)) {
        String name = pod.getMetadata().getName();
        if (!quick) {
          containers(pod).forEach(container -> pieces.addAll(logs(pod, container)));
        }
        if (part == Part.AGENT) {
          var place = new PodShell.Place(namespace, name, Part.AGENT.container());
          String directory = "nodes/" + pod.getSpec().getNodeName();
          COMMANDS.forEach((file, command) ->
              pieces.add(new Piece(directory + "/" + file, () -> output(place, command))));
        }
      }
    }
    return pieces;
  }

  private List<Pod> pods(Part part) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabelSelector(part.labels())
        .list()
        .getItems()
        .stream()
        .filter(pod -> nodes.isEmpty() || nodes.contains(pod.getSpec().getNodeName()))
        .toList();
  }

  private static Stream<String> containers(Pod pod) {
    return Stream.concat(
            pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
        .map(Container::getName);
  }

  private List<Piece> logs(Pod pod, String container) {
    String path = "logs/%s/%s".formatted(pod.getMetadata().getName(), container);
    return List.of(
        new Piece(path + ".log", () -> log(pod, container, false)),
        new Piece(path + ".previous.log", () -> log(pod, container, true)));
  }

  private String log(Pod pod, String container, boolean previous) throws Piece.NotCollected {
    var one =
        client
            .pods()
            .inNamespace(namespace)
            .withName(pod.getMetadata().getName())
            .inContainer(container);
    try {
      String log =
          previous
              ? one.terminated().tailingLines(PREVIOUS_LINES).getLog()
              : one.limitBytes(logs.limitBytes())
                  .sinceSeconds((int) Math.min(Integer.MAX_VALUE, logs.since().toSeconds()))
                  .getLog();
      return log == null ? "" : log;
    } catch (KubernetesClientException e) {
      if (previous && e.getCode() == BAD_REQUEST) {
        return ""; // it never ended before
      }
      throw new Piece.NotCollected(String.valueOf(ClusterFailure.of(e, client).getMessage()));
    }
  }

  private String output(PodShell.Place place, List<String> command) throws Piece.NotCollected {
    var turn = turns.computeIfAbsent(place, _ -> new Semaphore(AT_ONCE));
    turn.acquireUninterruptibly();
    PodShell.Outcome result;
    try {
      result = new PodShell(client).run(place, LIMIT, command);
    } finally {
      turn.release();
    }
    if (result.out().isEmpty() && !result.done()) {
      throw new Piece.NotCollected(
          "'%s' in %s: %s".formatted(String.join(" ", command), place, result.trouble()));
    }
    return result.err().isEmpty() ? result.out() : result.out() + result.err();
  }
}
