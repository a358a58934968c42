// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.verb.VerbException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The namespace of the test with its pods and services. */
final class Artifacts {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration PROGRESS = Duration.ofSeconds(10);
  private static final Duration REMOVAL = Duration.ofMinutes(3);

  /**
   * What to make.
   *
   * @param serverImage brings a shell and one of agnhost, busybox httpd and python3
   * @param clientImage brings a shell, ping, and curl or nc
   */
  record Wanted(
      String namespace,
      String serverImage,
      String clientImage,
      String externalTarget,
      boolean singleNode) {}

  private final KubernetesClient client;
  private final Wanted wanted;
  private final Consumer<String> progress;

  Artifacts(KubernetesClient client, Wanted wanted, Consumer<String> progress) {
    this.client = client;
    this.wanted = wanted;
    this.progress = progress;
  }

  /** Removes the namespace and waits until it is gone; false if there was none. */
  static boolean remove(KubernetesClient client, String namespace) {
    var resource = client.namespaces().withName(namespace);
    if (resource.get() == null) {
      return false;
    }
    resource.delete();
    var end = Instant.now().plus(REMOVAL);
    while (resource.get() != null) {
      if (Instant.now().isAfter(end)) {
        throw new VerbException(
            "namespace %s is still there after %d s: 'kubectl get namespace %s -o yaml' says what holds it"
                .formatted(namespace, REMOVAL.toSeconds(), namespace));
      }
      Patience.pause(PAUSE);
    }
    return true;
  }

  /** Makes what is missing and waits until it works. */
  TestBed make(Duration limit) {
    var nodes = usableNodes();
    boolean single = wanted.singleNode() || nodes.size() < 2;
    if (single && !wanted.singleNode()) {
      progress.accept("ℹ️  one node takes pods: what needs two is left out");
    }
    progress.accept("✨ making namespace %s with clients and servers".formatted(wanted.namespace()));
    String first = nodes.getFirst();
    var manifests = new Manifests(wanted);
    apply(manifests.namespace());
    apply(manifests.client("client", first));
    apply(manifests.client("client2", first));
    apply(manifests.echo("echo-same-node", first));
    var echoes = new ArrayList<>(List.of("echo-same-node"));
    if (!single) {
      apply(manifests.echo("echo-other-node", nodes.get(1)));
      echoes.add("echo-other-node");
    }
    apply(manifests.hostNetns());
    awaitPods(echoes.size() + 2, nodes.size(), limit);
    return bed(echoes);
  }

  private void apply(String manifest) {
    client
        .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
        .items()
        .forEach(item ->
            client
                .resource(item)
                .fieldManager("jilium-connectivity-test")
                .forceConflicts()
                .serverSideApply());
  }

  /** Names of nodes that pods are scheduled to. */
  private List<String> usableNodes() {
    var nodes =
        client.nodes().list().getItems().stream()
            .filter(Artifacts::takesPods)
            .map(node -> node.getMetadata().getName())
            .sorted()
            .toList();
    if (nodes.isEmpty()) {
      throw new VerbException(
          "no node is ready and takes pods: 'kubectl get nodes' says why, 'jilium status' too");
    }
    return nodes;
  }

  private static boolean takesPods(Node node) {
    boolean ready =
        node.getStatus().getConditions().stream()
            .anyMatch(condition ->
                condition.getType().equals("Ready") && condition.getStatus().equals("True"));
    boolean tainted =
        node.getSpec().getTaints().stream()
            .anyMatch(taint -> !taint.getEffect().equals("PreferNoSchedule"));
    return ready && !tainted && !Boolean.TRUE.equals(node.getSpec().getUnschedulable());
  }

  private void awaitPods(int deployments, int hosts, Duration limit) {
    var end = Instant.now().plus(limit);
    var next = Instant.now().plus(PROGRESS);
    while (true) {
      var pods = pods();
      var waiting = pods.stream().filter(pod -> !isReady(pod)).toList();
      if (waiting.isEmpty() && pods.size() >= deployments + hosts) {
        progress.accept("⌛ %d pods are ready".formatted(pods.size()));
        return;
      }
      String missing = missing(waiting);
      if (Instant.now().isAfter(end)) {
        throw new VerbException(
            "not all pods of the test are ready after %d s: %s"
                .formatted(limit.toSeconds(), missing));
      }
      if (Instant.now().isAfter(next)) {
        progress.accept("⌛ waiting for pods: " + missing);
        next = Instant.now().plus(PROGRESS);
      }
      Patience.pause(PAUSE);
    }
  }

  private static String missing(List<Pod> waiting) {
    var texts = new ArrayList<String>();
    for (var pod : waiting) {
      var text = new StringBuilder(pod.getMetadata().getName());
      pod.getStatus().getContainerStatuses().stream()
          .filter(container ->
              container.getState() != null && container.getState().getWaiting() != null)
          .forEach(container ->
              text.append(" (").append(container.getState().getWaiting().getReason()).append(')'));
      texts.add(text.toString());
    }
    return texts.isEmpty() ? "they are being made" : String.join(", ", texts);
  }

  private List<Pod> pods() {
    return client.pods().inNamespace(wanted.namespace()).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(condition ->
            condition.getType().equals("Ready") && condition.getStatus().equals("True"));
  }

  private TestBed bed(List<String> echoNames) {
    var peers = new LinkedHashMap<String, List<Peer>>();
    for (var pod : pods()) {
      String name = pod.getMetadata().getLabels().getOrDefault("name", "");
      peers.computeIfAbsent(name, _ -> new ArrayList<>()).add(Peer.of(pod));
    }
    var clients = new ArrayList<Peer>();
    clients.addAll(peers.getOrDefault("client", List.of()));
    clients.addAll(peers.getOrDefault("client2", List.of()));
    var echoes = new ArrayList<Peer>();
    var services = new ArrayList<TestBed.EchoService>();
    for (var name : echoNames) {
      var echo = peers.getOrDefault(name, List.of()).getFirst();
      echoes.add(echo);
      services.add(service(name, echo));
    }
    return new TestBed(
        clients,
        echoes,
        peers.getOrDefault("host-netns", List.of()),
        nodeAddresses(),
        services,
        wanted.externalTarget(),
        client.services().inNamespace("kube-system").withName("kube-dns").get() != null);
  }

  private TestBed.EchoService service(String name, Peer backend) {
    Service service = client.services().inNamespace(wanted.namespace()).withName(name).get();
    Integer nodePort = service.getSpec().getPorts().getFirst().getNodePort();
    return new TestBed.EchoService(
        name, service.getSpec().getClusterIPs(), nodePort == null ? 0 : nodePort, backend);
  }

  private Map<String, List<String>> nodeAddresses() {
    var addresses = new LinkedHashMap<String, List<String>>();
    client
        .nodes()
        .list()
        .getItems()
        .forEach(node ->
            addresses.put(
                node.getMetadata().getName(),
                node.getStatus().getAddresses().stream()
                    .filter(address -> address.getType().equals("InternalIP"))
                    .map(NodeAddress::getAddress)
                    .toList()));
    return addresses;
  }
}
