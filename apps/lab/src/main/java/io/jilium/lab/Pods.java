// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/** The lab's container runtime: namespaces that are given to and taken from the CNI plugin. */
final class Pods {
  private static final int AT_ONCE = 64;
  private static final Duration END = Duration.ofSeconds(2);
  private static final Duration START = Duration.ofSeconds(30);

  private final LabName name;
  private final LabState state;
  private final CniRuntime cni;
  private final Processes processes;

  Pods(LabName name) {
    this.name = name;
    this.state = new LabState(name);
    this.cni = new CniRuntime(name);
    this.processes = new Processes(name);
  }

  List<Pod> add(
      List<String> names,
      String namespace,
      String node,
      Map<String, String> labels,
      List<Pod.Port> ports) {
    var lab = state.requireLab();
    if (!lab.nodeNames().contains(node)) {
      throw new LabException(
          "no node '%s': there are %s".formatted(node, String.join(", ", lab.nodeNames())));
    }
    var wanted = new ArrayList<Pod>();
    for (String pod : names) {
      if (state.pod(namespace, pod).isPresent()) {
        throw new LabException(
            "pod '%s' already exists in namespace '%s': choose another name or remove it first"
                .formatted(pod, namespace));
      }
      wanted.add(
          new Pod(
              namespace,
              pod,
              node,
              containerId(),
              UUID.randomUUID().toString(),
              labels,
              ports,
              List.of(),
              false,
              false));
    }
    try (var resources = Resources.open(name)) {
      var added = all(wanted, pod -> addOne(pod, resources));
      resources.refresh(namespace);
      return added;
    }
  }

  /**
   * @param grace how long they go on serving as terminating endpoints before they are ended
   */
  void remove(List<String> names, String namespace, Duration grace) {
    var found = find(names, namespace);
    try (var resources = Resources.open(name)) {
      if (!grace.isZero()) {
        change(found, Pod::asTerminating, resources);
        resources.refresh(namespace);
        sleep(grace);
      }
      all(
          found,
          pod -> {
            processes.stop(server(pod), END);
            cni.delete(pod);
            resources.removePod(pod);
            Netns.delete(name.podNamespace(pod.namespace(), pod.name()));
            state.remove(pod);
            return pod;
          });
      resources.refresh(namespace);
    }
  }

  /** Makes them ready, or not ready, for what comes through their services. */
  void ready(List<String> names, String namespace, boolean ready) {
    var found = find(names, namespace);
    try (var resources = Resources.open(name)) {
      change(found, pod -> pod.withReady(ready), resources);
      resources.refresh(namespace);
    }
  }

  private void change(List<Pod> pods, UnaryOperator<Pod> change, Resources resources) {
    for (var pod : pods) {
      var changed = change.apply(pod);
      state.save(changed);
      resources.putPod(changed);
    }
  }

  private List<Pod> find(List<String> names, String namespace) {
    state.requireLab();
    var found = new ArrayList<Pod>();
    for (String pod : names) {
      found.add(
          state
              .pod(namespace, pod)
              .orElseThrow(() ->
                  new LabException(
                      "no pod '%s' in namespace '%s': ./jilium lab pod list shows what there is"
                          .formatted(pod, namespace))));
    }
    return found;
  }

  /** Without the plugin: for a lab that goes away as a whole. */
  void abandon(Pod pod) {
    processes.stop(server(pod), END);
    Netns.delete(name.podNamespace(pod.namespace(), pod.name()));
  }

  private Pod addOne(Pod pod, Resources resources) {
    var path = name.podNamespace(pod.namespace(), pod.name());
    state.save(pod);
    try {
      Netns.delete(path);
      Netns.create(path).close();
      resources.putPod(pod);
      var added = pod.withAddresses(cni.add(pod));
      state.save(added);
      resources.putPod(added);
      if (!pod.ports().isEmpty()) {
        serve(added);
      }
      var ready = added.withReady(true);
      state.save(ready);
      resources.putPod(ready);
      return ready;
    } catch (RuntimeException e) {
      // As a runtime does after a failed ADD.
      cni.delete(pod);
      resources.removePod(pod);
      Netns.delete(path);
      state.remove(pod);
      throw e;
    }
  }

  private void serve(Pod pod) {
    var command =
        Home.current()
            .java(
                "lab",
                PodServer.class.getName(),
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx32m"));
    command.add(pod.name());
    pod.ports().stream().map(Pod.Port::served).distinct().forEach(command::add);
    var inside = new Cgroups(name).inside(pod.node(), command);
    try (var netns = Netns.open(name.podNamespace(pod.namespace(), pod.name()))) {
      netns.execute(() -> processes.start(server(pod), inside));
    }
    awaitServing(pod);
  }

  /** The server says in its log when it listens: its pod is ready then. */
  private void awaitServing(Pod pod) {
    var log = processes.log(server(pod));
    var end = Instant.now().plus(START);
    while (!contains(log, PodServer.SERVING)) {
      if (processes.find(server(pod)).isEmpty() || Instant.now().isAfter(end)) {
        throw new LabException(
            "the server of pod %s does not start: %s"
                .formatted(pod.name(), processes.tail(server(pod), 3)));
      }
      sleep(Duration.ofMillis(20));
    }
  }

  private static boolean contains(Path log, String text) {
    try {
      return Files.exists(log) && Files.readString(log).contains(text);
    } catch (IOException e) {
      throw new LabException(e);
    }
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private static String server(Pod pod) {
    return "pod-" + pod.namespace() + "-" + pod.name();
  }

  private static String containerId() {
    byte[] bytes = new byte[32];
    ThreadLocalRandom.current().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Does all at once and waits for all; the first failure is thrown when every one has ended. */
  private static List<Pod> all(List<Pod> pods, java.util.function.Function<Pod, Pod> action) {
    try (var executor = Executors.newFixedThreadPool(Math.clamp(pods.size(), 1, AT_ONCE))) {
      var tasks = pods.stream().<Callable<Pod>>map(pod -> () -> action.apply(pod)).toList();
      var results = new ArrayList<Pod>();
      LabException failure = null;
      for (var future : executor.invokeAll(tasks)) {
        try {
          results.add(future.get());
        } catch (ExecutionException e) {
          failure =
              e.getCause() instanceof LabException known
                  ? known
                  : new LabException(e.getCause() == null ? e : e.getCause());
        }
      }
      if (failure != null) {
        throw failure;
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
