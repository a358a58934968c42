// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.jilium.cli.cluster.ClusterFailure;
import io.jilium.cli.cluster.PodShell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Asks the API server and the agents how an installation is. */
public final class StatusCollector {
  private static final Duration AGENT_LIMIT = Duration.ofSeconds(10);
  private static final ResourceDefinitionContext ENDPOINTS =
      new ResourceDefinitionContext.Builder()
          .withGroup("cilium.io")
          .withVersion("v2")
          .withKind("CiliumEndpoint")
          .withPlural("ciliumendpoints")
          .withNamespaced(true)
          .build();
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private final KubernetesClient client;
  private final String namespace;
  private final String release;
  private final int workers;

  private final Map<Part, ClusterStatus.Workload> workloads = new EnumMap<>(Part.class);
  private final Map<Part, Map<String, Integer>> phases = new EnumMap<>(Part.class);
  private final Map<Part, Map<String, Integer>> images = new EnumMap<>(Part.class);
  private final List<Problem> problems = Collections.synchronizedList(new ArrayList<>());

  private StatusCollector(KubernetesClient client, String namespace, String release, int workers) {
    this.client = client;
    this.namespace = namespace;
    this.release = release;
    this.workers = workers;
  }

  /**
   * How it is now.
   *
   * @param workers how many agents are asked at once
   * @throws KubernetesClientException when the API server does not answer
   */
  public static ClusterStatus collect(
      KubernetesClient client, String namespace, String release, int workers) {
    return new StatusCollector(client, namespace, release, workers).collect();
  }

  private ClusterStatus collect() {
    for (var part : Part.values()) {
      look(part);
    }
    var own = client.pods().inAnyNamespace();
    var pods =
        allowed(Part.AGENT, () -> own.list().getItems(), List.<Pod>of()).stream()
            .filter(StatusCollector::hasOwnNetwork)
            .toList();
    var endpoints = allowed(Part.AGENT, this::endpoints, Set.<String>of());
    long managed = pods.stream().filter(pod -> endpoints.contains(name(pod))).count();
    return new ClusterStatus(
        workloads, phases, images, pods.size(), (int) managed, chartVersion(), problems);
  }

  /** What a look-up finds; a right that is missing is named, and the rest goes on. */
  private <T> T allowed(Part part, Supplier<T> lookUp, T otherwise) {
    try {
      return lookUp.get();
    } catch (KubernetesClientException e) {
      if (e.getCode() != FORBIDDEN) {
        throw e;
      }
      String message = String.valueOf(ClusterFailure.of(e, client).getMessage());
      problems.add(
          part.required()
              ? Problem.error(part, part.object(), message)
              : Problem.warning(part, part.object(), message));
      return otherwise;
    }
  }

  private void look(Part part) {
    int before = problems.size();
    var workload = allowed(part, () -> workload(part), Optional.<ClusterStatus.Workload>empty());
    boolean mayKnow = problems.size() == before;
    var pods = allowed(part, () -> pods(part), List.<Pod>of());
    workload.ifPresent(found -> workloads.put(part, found));
    if (workload.isEmpty() && part.required() && mayKnow) {
      problems.add(
          Problem.error(
              part,
              part.object(),
              "there is no %s %s in namespace %s: 'jilium install' makes it"
                  .formatted(part.kind().text(), part.object(), namespace)));
    }
    if (workload.isEmpty() && pods.isEmpty()) {
      return;
    }
    workload.filter(found -> !found.isReady()).ifPresent(found -> notReady(part, found));
    var phase = new TreeMap<String, Integer>();
    var image = new TreeMap<String, Integer>();
    for (var pod : pods) {
      phase.merge(String.valueOf(pod.getStatus().getPhase()), 1, Integer::sum);
      pod.getSpec().getContainers().stream()
          .map(Container::getImage)
          .distinct()
          .forEach(used -> image.merge(used, 1, Integer::sum));
      PodTrouble.of(pod, container -> LastWords.of(client, pod, container))
          .forEach(trouble -> problems.add(Problem.error(part, podName(pod), trouble)));
    }
    phases.put(part, phase);
    images.put(part, image);
    if (part == Part.AGENT) {
      askAgents(pods.stream().filter(StatusCollector::isRunning).toList());
    }
  }

  private void notReady(Part part, ClusterStatus.Workload found) {
    int missing = found.desired() - Math.min(found.ready(), found.available());
    problems.add(
        Problem.error(
            part,
            part.object(),
            "%d of %d pods of %s %s are not ready"
                .formatted(missing, found.desired(), part.kind().text(), part.object())));
  }

  private Optional<ClusterStatus.Workload> workload(Part part) {
    return switch (part.kind()) {
      case DAEMON_SET ->
          Optional.ofNullable(
                  client.apps().daemonSets().inNamespace(namespace).withName(part.object()).get())
              .map(set -> workload(part, set));
      case DEPLOYMENT ->
          Optional.ofNullable(
                  client.apps().deployments().inNamespace(namespace).withName(part.object()).get())
              .map(deployment -> workload(part, deployment));
    };
  }

  private ClusterStatus.Workload workload(Part part, DaemonSet set) {
    var status = set.getStatus();
    int desired = number(status.getDesiredNumberScheduled());
    rollOut(
        part,
        set.getMetadata().getGeneration(),
        status.getObservedGeneration(),
        desired,
        number(status.getUpdatedNumberScheduled()));
    return new ClusterStatus.Workload(
        desired, number(status.getNumberReady()), number(status.getNumberAvailable()));
  }

  private ClusterStatus.Workload workload(Part part, Deployment deployment) {
    var status = deployment.getStatus();
    int desired = number(deployment.getSpec().getReplicas());
    rollOut(
        part,
        deployment.getMetadata().getGeneration(),
        status.getObservedGeneration(),
        desired,
        number(status.getUpdatedReplicas()));
    return new ClusterStatus.Workload(
        desired, number(status.getReadyReplicas()), number(status.getAvailableReplicas()));
  }

  private void rollOut(Part part, Long wanted, Long observed, int desired, int updated) {
    boolean seen = wanted == null || wanted.equals(observed);
    if (!seen || updated < desired) {
      problems.add(
          Problem.warning(
              part,
              part.object(),
              "is being rolled out: %d of %d pods are of the new generation"
                  .formatted(seen ? updated : 0, desired)));
    }
  }

  private static int number(Integer count) {
    return count == null ? 0 : count;
  }

  private List<Pod> pods(Part part) {
    return client.pods().inNamespace(namespace).withLabelSelector(part.labels()).list().getItems();
  }

  private void askAgents(List<Pod> agents) {
    var shell = new PodShell(client);
    var permits = new Semaphore(workers);
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var agent : agents) {
        tasks.execute(() -> {
          permits.acquireUninterruptibly();
          try {
            problems.addAll(ask(shell, podName(agent)));
          } finally {
            permits.release();
          }
        });
      }
    }
  }

  private List<Problem> ask(PodShell shell, String pod) {
    var place = new PodShell.Place(namespace, pod, Part.AGENT.container());
    var answer = shell.run(place, AGENT_LIMIT, List.of("jilium", "status", "-o", "json"));
    return answer.out().isBlank()
        ? List.of(
            Problem.warning(Part.AGENT, pod, "the agent cannot be asked: " + answer.trouble()))
        : AgentReport.problems(pod, answer.out());
  }

  private Set<String> endpoints() {
    var names = new HashSet<String>();
    try {
      client
          .genericKubernetesResources(ENDPOINTS)
          .inAnyNamespace()
          .list()
          .getItems()
          .forEach(endpoint ->
              names.add(
                  endpoint.getMetadata().getNamespace() + "/" + endpoint.getMetadata().getName()));
    } catch (KubernetesClientException e) {
      if (e.getCode() != NOT_FOUND) {
        throw e;
      }
      if (workloads.containsKey(Part.OPERATOR)) {
        problems.add(
            Problem.warning(
                Part.OPERATOR,
                Part.OPERATOR.object(),
                "has not made the CustomResourceDefinition ciliumendpoints.cilium.io yet"));
      }
    }
    return names;
  }

  private String chartVersion() {
    try {
      return ChartVersion.find(client, namespace, release).orElse("");
    } catch (KubernetesClientException e) {
      return "";
    }
  }

  private static boolean hasOwnNetwork(Pod pod) {
    String phase = String.valueOf(pod.getStatus().getPhase());
    return !Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
        && !phase.equals("Succeeded")
        && !phase.equals("Failed")
        && pod.getSpec().getNodeName() != null;
  }

  private static boolean isRunning(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .anyMatch(container ->
            container.getName().equals(Part.AGENT.container())
                && container.getState() != null
                && container.getState().getRunning() != null);
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getNamespace() + "/" + podName(pod);
  }

  private static String podName(Pod pod) {
    return pod.getMetadata().getName();
  }
}
