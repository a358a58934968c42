// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes Jilium's traces off the nodes when its agents are gone: a DaemonSet of a short life, made
 * of the agents' own, so that it has their image, rights and directories. A pod that is ready has
 * cleaned its node; a node that is down keeps its pod pending and is reported.
 */
final class Cleaning {
  private static final String NAME = "jilium-cleanup";
  private static final String PLUGINS = "install-cni-binaries";
  private static final String SETTINGS = "place-sysctl-settings";
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final KubernetesClient client;
  private final Objects objects;
  private final String namespace;

  Cleaning(KubernetesClient client, Objects objects, String namespace) {
    this.client = client;
    this.objects = objects;
    this.namespace = namespace;
  }

  /**
   * Cleans all nodes on which agents may run.
   *
   * @param agents the agents' DaemonSet as it was rendered
   * @return what is left to do, by node
   */
  Map<String, String> run(Map<String, @Nullable Object> agents, Duration limit) {
    Map<String, @Nullable Object> cleaners = cleaners(agents);
    objects.apply(cleaners);
    try {
      return await(limit);
    } finally {
      objects.delete(cleaners);
      awaitGone(Map.of("k8s-app", NAME), limit);
    }
  }

  private Map<String, String> await(Duration limit) {
    Instant end = Instant.now().plus(limit);
    while (true) {
      Map<String, String> left = left();
      if (left.isEmpty() || Instant.now().isAfter(end)) {
        return left;
      }
      Patience.pause(PAUSE);
    }
  }

  /** Waits until no such pod is left on a node that is alive. */
  void awaitGone(Map<String, String> labels, Duration limit) {
    Instant end = Instant.now().plus(limit);
    while (Instant.now().isBefore(end)) {
      Map<String, Boolean> alive = nodes();
      boolean gone = pods(labels).stream().noneMatch(pod -> alive.getOrDefault(nodeOf(pod), false));
      if (gone) {
        return;
      }
      Patience.pause(PAUSE);
    }
  }

  private Map<String, String> left() {
    var status =
        Optional.ofNullable(client.apps().daemonSets().inNamespace(namespace).withName(NAME).get())
            .map(set -> set.getStatus())
            .orElse(null);
    List<Pod> pods = pods(Map.of("k8s-app", NAME));
    var left = new TreeMap<String, String>();
    if (status == null
        || status.getObservedGeneration() == null
        || pods.size() < Optional.ofNullable(status.getDesiredNumberScheduled()).orElse(0)) {
      left.put("?", "its pod is not made yet");
    }
    Map<String, Boolean> alive = nodes();
    for (Pod pod : pods) {
      boolean ready =
          pod.getStatus().getConditions().stream()
              .anyMatch(condition ->
                  condition.getType().equals("Ready") && condition.getStatus().equals("True"));
      if (!ready) {
        String node = nodeOf(pod);
        left.put(node, alive.getOrDefault(node, false) ? trouble(pod) : "the node does not answer");
      }
    }
    return left;
  }

  private static String trouble(Pod pod) {
    return pod.getStatus().getInitContainerStatuses().stream()
        .map(container ->
            container.getState().getWaiting() != null
                ? Optional.ofNullable(container.getLastState().getTerminated())
                    .map(ended -> ended.getMessage())
                    .orElse(container.getState().getWaiting().getReason())
                : null)
        .filter(text -> text != null)
        .map(text -> text.strip().lines().reduce((first, last) -> last).orElse(""))
        .findFirst()
        .orElse("the cleaning is under way");
  }

  private List<Pod> pods(Map<String, String> labels) {
    return client.pods().inNamespace(namespace).withLabels(labels).list().getItems();
  }

  private static String nodeOf(Pod pod) {
    return Optional.ofNullable(pod.getSpec().getNodeName()).orElse("");
  }

  /** Nodes, and whether their kubelets report. */
  private Map<String, Boolean> nodes() {
    var nodes = new TreeMap<String, Boolean>();
    client
        .nodes()
        .list()
        .getItems()
        .forEach(node ->
            nodes.put(
                node.getMetadata().getName(),
                node.getStatus().getConditions().stream()
                    .noneMatch(condition ->
                        condition.getType().equals("Ready")
                            && condition.getStatus().equals("Unknown"))));
    return nodes;
  }

  /** The DaemonSet that cleans, made of the agents'. */
  static Map<String, @Nullable Object> cleaners(Map<String, @Nullable Object> agents) {
    var set = Trees.map(agents);
    var labels = Map.<String, @Nullable Object>of("k8s-app", NAME);
    Trees.put(set, "metadata.name", NAME);
    Trees.put(set, "metadata.labels", labels);
    Trees.put(set, "spec.selector.matchLabels", labels);
    Trees.put(set, "spec.template.metadata", new LinkedHashMap<>(Map.of("labels", labels)));
    Trees.put(set, "spec.updateStrategy", Map.of("type", "OnDelete"));
    Trees.put(set, "spec.template.spec.affinity", Map.of());
    Map<String, @Nullable Object> agent = container(set, "containers", "jilium-agent");
    Map<String, @Nullable Object> plugins = container(set, "initContainers", PLUGINS);
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe", "ports")) {
      agent.remove(probe);
    }
    var arguments = new ArrayList<@Nullable Object>();
    arguments.add("--cleanup");
    if (agent.get("args") instanceof List<?> given) {
      given.stream()
          .filter(word -> word.toString().matches("--(node|bpffs|root)=.*"))
          .forEach(arguments::add);
    }
    var clean = Trees.map(agent);
    clean.put("name", "clean-node");
    clean.put("args", arguments);
    var initial = new ArrayList<Map<String, @Nullable Object>>();
    initial.add(clean);
    for (String placed : List.of(PLUGINS, SETTINGS)) {
      found(set, "initContainers", placed).map(Cleaning::removing).ifPresent(initial::add);
    }
    var idle = Trees.map(plugins);
    idle.put("name", "cleaned");
    idle.put("command", List.of("/bin/sh", "-c", "trap exit TERM; while :; do sleep 1; done"));
    Trees.put(set, "spec.template.spec.initContainers", initial);
    Trees.put(set, "spec.template.spec.containers", List.of(idle));
    return set;
  }

  /** A container that takes away what its original placed. */
  private static Map<String, @Nullable Object> removing(Map<String, @Nullable Object> placing) {
    var remove = Trees.map(placing);
    remove.put("name", "undo-" + Trees.text(placing, "name"));
    if (remove.get("command") instanceof List<?> command) {
      var words = new ArrayList<@Nullable Object>(command);
      words.add("--remove");
      remove.put("command", words);
    }
    return remove;
  }

  private static Optional<Map<String, @Nullable Object>> found(
      Map<String, @Nullable Object> set, String list, String name) {
    return Trees.at(set, "spec", "template", "spec", list)
        .flatMap(found ->
            ((List<?>) found)
                .stream()
                    .map(Trees::map)
                    .filter(container -> Trees.text(container, "name").equals(name))
                    .findFirst());
  }

  private static Map<String, @Nullable Object> container(
      Map<String, @Nullable Object> set, String list, String name) {
    return found(set, list, name)
        .orElseThrow(() ->
            new io.jilium.cli.verb.VerbException(
                "the installed DaemonSet has no container %s: uninstall with --no-cleanup"
                    .formatted(name)));
  }
}
