// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One agent in a cluster of a thousand nodes: a real API server has the objects of all of them, the
 * agent is a process in a namespace of its own, with fifty pods made by its plugin.
 */
record KubeScale() implements Benchmark {
  private static final KubePopulation CLUSTER = new KubePopulation(1000, 20_000, 2000, 1000, 50);
  private static final List<String> SLICES = List.of("ciliumEndpointSlice.enabled=true");
  private static final int SETTLING_MILLIS = 15_000;
  private static final int IDLE_SECONDS = 30;
  private static final int MOST_STARTS = 3;

  @Override
  public String name() {
    return "kube";
  }

  @Override
  public String description() {
    return "agent in a Kubernetes cluster of %d nodes and %d pods"
        .formatted(CLUSTER.nodes(), CLUSTER.pods());
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var directory = temporary();
    try (var api = PopulatedApi.start(directory.resolve("api"), rounds.progress())) {
      api.write(CLUSTER);
      try (var node = new ScaleNode(directory.resolve("node"), api.kubeconfig(), api.port())) {
        rounds.progress().say("starting the agent and its pods");
        node.train();
        node.startAgent(List.of());
        for (int i = 0; i < CLUSTER.localPods(); i++) {
          node.addPod(
              KubePopulation.namespace(i % CLUSTER.namespaces()), KubePopulation.localPodName(i));
        }
        return measure(node, api, rounds);
      }
    } finally {
      ScaleNode.removeTree(directory);
    }
  }

  private static List<Row> measure(ScaleNode node, PopulatedApi api, Rounds rounds) {
    var rows = new ArrayList<Row>();
    starts(node, List.of(), Math.min(rounds.count(), MOST_STARTS), rounds.progress(), rows);
    quiet(node, rows);
    int endpoints = CLUSTER.pods();
    churn(
        "endpoint",
        node,
        new Churn(
            endpoints,
            pod -> api.setIdentity(pod, changed(pod)),
            pod -> CLUSTER.podAddress(pod),
            KubeScale::changed),
        rows);
    rows.add(
        Row.alone(
            "  resident memory after %d changes".formatted(endpoints),
            Samples.of(node.residentMemory(), "MiB"),
            50,
            new Budget.AtMost(300, "MiB")));
    node.stop();
    starts(node, SLICES, 1, rounds.progress(), rows);
    quiet(node, rows);
    churn(
        "slice",
        node,
        new Churn(
            CLUSTER.slices(),
            slice -> api.setSlice(CLUSTER, slice, 1),
            slice -> CLUSTER.podAddress(KubePopulation.lastPodOf(slice)),
            slice -> changed(KubePopulation.lastPodOf(slice))),
        rows);
    return rows;
  }

  /** Every workload gets the identity of the next one. */
  private static int changed(int pod) {
    return CLUSTER.identityOf(KubePopulation.workloadOf(pod) + 1);
  }

  private static void starts(
      ScaleNode node, List<String> settings, int count, Progress progress, List<Row> rows) {
    var ready = new ArrayList<Double>();
    var complete = new ArrayList<Double>();
    var cpu = new ArrayList<Double>();
    var traffic = new ArrayList<Double>();
    for (int i = 0; i < count; i++) {
      node.stop();
      long before = node.received();
      long begin = System.nanoTime();
      ready.add(node.startAgent(settings));
      cpu.add(node.cpuTime().toMillis() / 1000.0);
      complete.add(awaitComplete(node, begin));
      traffic.add((node.received() - before) / 1e6);
      progress.say("agent ready after " + Samples.text(ready.getLast(), "s"));
    }
    var how = settings.isEmpty() ? "" : ", with slices";
    rows.add(
        Row.alone(
            "agent among %d nodes and %d pods%s, start to ready"
                .formatted(CLUSTER.nodes(), CLUSTER.pods(), how),
            new Samples(ready, "s"),
            50,
            new Budget.AtMost(5, "s")));
    rows.add(told("  CPU time until then", new Samples(cpu, "s")));
    rows.add(told("  after a start, all addresses in the kernel", new Samples(complete, "s")));
    rows.add(told("  from the API server until then", new Samples(traffic, "MB")));
  }

  private static Row told(String what, Samples samples) {
    return Row.alone(what, samples, 50, new Budget.None());
  }

  private static double awaitComplete(ScaleNode node, long begin) {
    try (var ipcache = node.ipcache()) {
      int pod = 0;
      while (pod < CLUSTER.pods()) {
        if (node.identity(ipcache, CLUSTER.podAddress(pod)) == 0) {
          if (System.nanoTime() - begin > 120e9) {
            throw new BenchException(
                "the address of %s is not in the kernel".formatted(KubePopulation.podName(pod)));
          }
          Tool.pause(5);
        } else {
          pod++;
        }
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void quiet(ScaleNode node, List<Row> rows) {
    Tool.pause(SETTLING_MILLIS);
    rows.add(
        Row.alone(
            "  resident memory with %d local pods".formatted(CLUSTER.localPods()),
            Samples.of(node.residentMemory(), "MiB"),
            50,
            new Budget.AtMost(300, "MiB")));
    long bytes = node.received();
    var cpu = node.cpuTime();
    Tool.pause(1000 * IDLE_SECONDS);
    rows.add(
        told(
            "  from the API server when nothing changes",
            Samples.of((node.received() - bytes) / (double) IDLE_SECONDS, "bytes/s")));
    rows.add(
        told(
            "  CPU time when nothing changes",
            Samples.of(node.cpuTime().minus(cpu).toMillis() / (double) IDLE_SECONDS, "ms/s")));
  }

  private static void churn(String what, ScaleNode node, Churn churn, List<Row> rows) {
    long bytes = node.received();
    var cpu = node.cpuTime();
    try (var ipcache = node.ipcache()) {
      var result = churn.run(address -> node.identity(ipcache, address));
      Tool.pause(500);
      double count = churn.count();
      rows.add(
          told(
              "  %s changes a second that the API server took".formatted(what),
              Samples.of(count / result.writing(), "/s")));
      rows.add(
          told(
              "  %s changes a second that the node followed".formatted(what),
              Samples.of(count / result.following(), "/s")));
      rows.add(
          Row.alone(
              "  %s change → kernel, p50".formatted(what), result.lags(), 50, new Budget.None()));
      rows.add(
          Row.alone(
              "  %s change → kernel, p99".formatted(what), result.lags(), 99, new Budget.None()));
      rows.add(
          told(
              "  CPU time of the agent for a %s change".formatted(what),
              Samples.of(node.cpuTime().minus(cpu).toNanos() / 1e3 / count, "µs")));
      rows.add(
          told(
              "  from the API server for a %s change".formatted(what),
              Samples.of((node.received() - bytes) / count, "bytes")));
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("jilium-bench-kube");
    } catch (IOException e) {
      throw new BenchException("cannot make a directory", e);
    }
  }
}
