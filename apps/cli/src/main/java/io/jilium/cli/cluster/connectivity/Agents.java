// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.cluster.PodShell;
import io.jilium.cli.cluster.status.Part;
import io.jilium.cli.verb.VerbException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The agents of the cluster, asked by their own command line in their pods. */
final class Agents {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Reasons from 130 on are drops; below is forwarded. */
  private static final int FIRST_DROP = 130;

  private final KubernetesClient client;
  private final String namespace;
  private final PodShell shell;

  Agents(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    this.shell = new PodShell(client);
  }

  /** Agents by the name of their node. */
  Map<String, PodShell.Place> byNode() {
    var places = new TreeMap<String, PodShell.Place>();
    client
        .pods()
        .inNamespace(namespace)
        .withLabelSelector(Part.AGENT.labels())
        .list()
        .getItems()
        .forEach(pod -> {
          if (pod.getSpec().getNodeName() != null
              && pod.getMetadata().getDeletionTimestamp() == null) {
            places.put(
                pod.getSpec().getNodeName(),
                new PodShell.Place(namespace, pod.getMetadata().getName(), Part.AGENT.container()));
          }
        });
    return places;
  }

  /** The image that the agents run: every node has it. */
  Optional<String> image() {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabelSelector(Part.AGENT.labels())
        .list()
        .getItems()
        .stream()
        .flatMap(pod -> pod.getSpec().getContainers().stream())
        .filter(container -> container.getName().equals(Part.AGENT.container()))
        .map(container -> container.getImage())
        .findFirst();
  }

  /** Packets dropped so far, by node and by what the agent says of them. */
  Map<String, Map<String, Long>> drops() {
    var all = new LinkedHashMap<String, Map<String, Long>>();
    byNode().forEach((node, place) -> all.put(node, drops(ask(place, "bpf", "metrics", "list"))));
    return all;
  }

  private static Map<String, Long> drops(JsonNode rows) {
    var drops = new TreeMap<String, Long>();
    for (var row : rows) {
      if (row.path("reason").asInt() >= FIRST_DROP) {
        String where =
            "%s, %s, %s:%d"
                .formatted(
                    row.path("description").asText(),
                    row.path("direction").asText(),
                    row.path("file").asText(),
                    row.path("line").asInt());
        drops.merge(where, row.path("packets").asLong(), Long::sum);
      }
    }
    return drops;
  }

  /** What other nodes the agent of a node does not reach; empty when all is well. */
  List<String> unreachable(PodShell.Place agent) {
    var lost = new ArrayList<String>();
    for (var node : ask(agent, "health", "status").path("nodes")) {
      for (var kind : List.of("host", "endpoint")) {
        for (var path : node.path(kind)) {
          for (var probe : List.of("icmp", "http")) {
            if (!path.path(probe).path("reachable").asBoolean()) {
              lost.add(
                  "%s of %s (%s) by %s: %s"
                      .formatted(
                          kind,
                          node.path("name").asText(),
                          path.path("ip").asText(),
                          probe,
                          path.path(probe).path("status").asText()));
            }
          }
        }
      }
    }
    return lost;
  }

  /** Errors in the log of a container since then. */
  List<String> errors(PodShell.Place place, Duration since) {
    try {
      String log =
          client
              .pods()
              .inNamespace(place.namespace())
              .withName(place.pod())
              .inContainer(place.container())
              .sinceSeconds((int) Math.max(1, since.toSeconds()))
              .getLog();
      return log.lines().filter(line -> line.matches("\\S+ \\S+ ERROR .*")).toList();
    } catch (KubernetesClientException e) {
      return List.of("the log cannot be read: " + e.getMessage());
    }
  }

  /** Containers whose logs tell of errors: agents and operators. */
  List<PodShell.Place> speakers() {
    var all = new ArrayList<>(byNode().values());
    client
        .pods()
        .inNamespace(namespace)
        .withLabelSelector(Part.OPERATOR.labels())
        .list()
        .getItems()
        .forEach(pod ->
            all.add(
                new PodShell.Place(
                    namespace, pod.getMetadata().getName(), Part.OPERATOR.container())));
    return all;
  }

  private JsonNode ask(PodShell.Place agent, String... words) {
    var command = new ArrayList<>(List.of("jilium"));
    command.addAll(List.of(words));
    command.addAll(List.of("-o", "json"));
    var answer = shell.run(agent, LIMIT, command);
    if (!answer.done()) {
      throw new VerbException(
          "'%s' in %s failed: %s".formatted(String.join(" ", command), agent, answer.trouble()));
    }
    try {
      return MAPPER.readTree(answer.out());
    } catch (JsonProcessingException e) {
      throw new VerbException(
          "'%s' in %s printed no JSON".formatted(String.join(" ", command), agent), e);
    }
  }
}
