// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.verb.VerbException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jilium uninstall}. */
@Command(
    name = "uninstall",
    description = {
      "Removes Jilium from a cluster and its traces from the nodes: programs, maps, devices, routes,",
      "the CNI configuration and plugins, and what another network's configuration was set aside for.",
      "Pods of the node network aside, pods lose their network. The CRDs and the objects made of them",
      "stay, policies among them, as with Cilium; --delete-crds removes them."
    },
    footer = {"%nExamples:", "  jilium uninstall", "  jilium uninstall --delete-crds --timeout 2m"})
public final class UninstallVerb extends ClusterVerb {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final String TAINT = "node.cilium.io/agent-not-ready";
  private static final Map<String, String> AGENTS = Map.of("k8s-app", "jilium");

  @Option(
      names = "--test-namespace",
      paramLabel = "NAME",
      description = "namespace of the connectivity test, deleted as well (default: jilium-test)")
  private String testNamespace = "jilium-test";

  @Option(
      names = "--wait",
      description = "until what was installed is gone; nodes are always waited for")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Patience.Converter.class,
      description = "how long to wait at most for nodes and objects (default: 5m)")
  private Duration limit = Duration.ofMinutes(5);

  @Option(names = "--delete-crds", description = "delete the CRDs and all objects made of them")
  private boolean deleteCrds;

  @Option(names = "--no-cleanup", description = "leave the nodes as they are: pods stay connected")
  private boolean noCleanup;

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    var installation = new Installation(client, cluster(), out);
    List<Release> history = installation.releases().history();
    if (history.isEmpty()) {
      throw new VerbException(
          "there is no release %s in namespace %s: nothing to uninstall"
              .formatted(cluster().release(), cluster().namespace()));
    }
    installation.say("🔥 Deleting pods in %s namespace...".formatted(testNamespace));
    installation.say("🔥 Deleting %s namespace...".formatted(testNamespace));
    client.namespaces().withName(testNamespace).delete();
    installation.say("⌛ Uninstalling Jilium");
    var objects = installation.objects();
    List<Map<String, @Nullable Object>> all = Trees.maps(history.getFirst().manifest());
    var cleaning = new Cleaning(client, objects, cluster().namespace());
    var workloads = new ArrayList<Map<String, @Nullable Object>>();
    for (Map<String, @Nullable Object> object : all) {
      if (List.of("DaemonSet", "Deployment").contains(Trees.text(object, "kind"))) {
        objects.delete(object);
        workloads.add(object);
      }
    }
    cleaning.awaitGone(AGENTS, limit);
    Map<String, String> left = noCleanup ? Map.of() : clean(cleaning, workloads);
    for (Map<String, @Nullable Object> object : all.reversed()) {
      objects.delete(object);
    }
    awaitGone(objects, all);
    leftovers(client);
    history.forEach(release -> installation.releases().forget(release.revision()));
    left.forEach((node, reason) ->
        installation.say(
            "⚠️  Node %s is not clean: %s; run jilium-agent --cleanup there"
                .formatted(node, reason)));
    return left.isEmpty() ? 0 : 1;
  }

  private void awaitGone(Objects objects, List<Map<String, @Nullable Object>> all) {
    Instant end = Instant.now().plus(wait ? limit : Duration.ZERO);
    for (Map<String, @Nullable Object> object : all) {
      while (Instant.now().isBefore(end) && objects.exists(object)) {
        Patience.pause(PAUSE);
      }
    }
  }

  private Map<String, String> clean(
      Cleaning cleaning, List<Map<String, @Nullable Object>> workloads) {
    var left = new TreeMap<String, String>();
    for (Map<String, @Nullable Object> workload : workloads) {
      if (Trees.text(workload, "kind").equals("DaemonSet")) {
        left.putAll(cleaning.run(workload, limit));
      }
    }
    return left;
  }

  /** What the operator made, and Helm knows nothing of. */
  private void leftovers(KubernetesClient client) {
    client
        .leases()
        .inNamespace(cluster().namespace())
        .withName("jilium-operator-resource-lock")
        .delete();
    client.nodes().list().getItems().stream()
        .filter(node ->
            Optional.ofNullable(node.getSpec().getTaints()).orElse(List.of()).stream()
                .map(Taint::getKey)
                .anyMatch(TAINT::equals))
        .forEach(node ->
            client
                .nodes()
                .withName(node.getMetadata().getName())
                .edit(old -> {
                  old.getSpec().getTaints().removeIf(taint -> TAINT.equals(taint.getKey()));
                  return old;
                }));
    if (deleteCrds) {
      var crds = client.apiextensions().v1().customResourceDefinitions();
      crds.list().getItems().stream()
          .filter(crd -> "cilium.io".equals(crd.getSpec().getGroup()))
          .forEach(crd -> crds.withName(crd.getMetadata().getName()).delete());
    }
  }
}
