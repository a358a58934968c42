// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/**
 * CNI ADD as a runtime sees it: the plugin is started with the specification's environment, and
 * waited for.
 */
record CniAdd() implements Benchmark {
  private static final int ONE_BY_ONE = 100;
  private static final int WARM_UP = 20;
  private static final int AT_ONCE = 20;
  private static final String NODE = "node-1";

  @Override
  public String name() {
    return "cni-add";
  }

  @Override
  public String description() {
    return "CNI ADD, whole";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var lab = labs.tunnel();
    var progress = rounds.progress();
    var manifest = manifest(names(0, WARM_UP + ONE_BY_ONE));
    try {
      lab.manifest("apply", manifest);
      var measured = oneByOne(lab);
      progress.say("ADD one by one: " + Samples.text(measured.times().median(), "ms"));
      var together = new ArrayList<Double>();
      for (int round = 0; round < rounds.count(); round++) {
        together.add(atOnce(lab, names(0, AT_ONCE)));
        progress.say(AT_ONCE + " at once: " + Samples.text(together.getLast(), "ms"));
      }
      var veth = bareVeth();
      return List.of(
          Row.alone(description() + ", p50", measured.times(), 50, new Budget.AtMost(6, "ms")),
          Row.alone(description() + ", p99", measured.times(), 99, new Budget.AtMost(30, "ms")),
          Row.alone(
              "%d CNI ADDs at once, all done".formatted(AT_ONCE),
              new Samples(together, "ms"),
              50,
              new Budget.AtMost(120, "ms")),
          Row.alone(
              "  CPU time of the agent for an ADD",
              Samples.of(measured.agentCpu().toNanos() / 1e6 / ONE_BY_ONE, "ms"),
              50,
              new Budget.None()),
          Row.alone("  for comparison: veth, up and addresses alone", veth, 50, new Budget.None()));
    } finally {
      lab.manifest("delete", manifest);
      delete(manifest);
    }
  }

  private static Duration cpuTime(LabCluster lab) {
    return lab.agent(NODE)
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new BenchException("CPU time of the agent is unknown"));
  }

  private static List<String> names(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "cni-" + i).toList();
  }

  /** Times of ADDs in milliseconds, and what the agent worked for all of them. */
  private record OneByOne(Samples times, Duration agentCpu) {}

  /** Adds one pod after the other; they stay until the end, as the pods of a deployment do. */
  private static OneByOne oneByOne(LabCluster lab) {
    var pods = names(0, WARM_UP + ONE_BY_ONE);
    var times = new ArrayList<Double>();
    try {
      makeNamespaces(lab, pods);
      var before = Duration.ZERO;
      for (var pod : pods) {
        if (times.size() == WARM_UP) {
          before = cpuTime(lab);
        }
        long start = System.nanoTime();
        call(lab, "ADD", pod);
        times.add((System.nanoTime() - start) / 1e6);
      }
      var samples = new Samples(times.subList(WARM_UP, times.size()), "ms");
      return new OneByOne(samples, cpuTime(lab).minus(before));
    } finally {
      remove(lab, pods);
    }
  }

  /** Milliseconds until all of the ADDs that began together are done. */
  private static double atOnce(LabCluster lab, List<String> pods) {
    try {
      makeNamespaces(lab, pods);
      long start = System.nanoTime();
      all(pods.stream().<Callable<Void>>map(pod -> () -> call(lab, "ADD", pod)).toList());
      return (System.nanoTime() - start) / 1e6;
    } finally {
      remove(lab, pods);
    }
  }

  private static void makeNamespaces(LabCluster lab, List<String> pods) {
    for (var pod : pods) {
      Netns.delete(lab.podNamespace(pod));
      Netns.create(lab.podNamespace(pod)).close();
    }
  }

  private static void remove(LabCluster lab, List<String> pods) {
    for (var pod : pods) {
      call(lab, "DEL", pod);
      Netns.delete(lab.podNamespace(pod));
    }
  }

  private static void all(List<Callable<Void>> calls) {
    try (var executor = Executors.newFixedThreadPool(calls.size())) {
      for (var call : executor.invokeAll(calls)) {
        call.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    } catch (ExecutionException e) {
      throw new BenchException(String.valueOf(e.getCause()), e);
    }
  }

  private static Void call(LabCluster lab, String command, String pod) {
    var program = lab.nodeRoot(NODE).resolve("opt/cni/bin/jilium-cni");
    new CniPlugin(program, lab.conflist(NODE)).call(command, "default", pod, lab.podNamespace(pod));
    return null;
  }

  /** The pods as the source shows them to the agent before a runtime calls ADD. */
  private static Path manifest(List<String> pods) {
    var text = new StringBuilder();
    for (var pod : pods) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Pod
          metadata: {name: %s, namespace: default, uid: %s, labels: {app: bench}}
          spec: {nodeName: %s, containers: [{name: main}]}
          """
              .formatted(pod, pod, NODE));
    }
    try {
      var file = Files.createTempFile("jilium-bench", ".yaml");
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new BenchException("cannot write a manifest", e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new BenchException("cannot delete " + file, e);
    }
  }

  /** What the kernel alone needs: a pair, both ends up, one address of each family. */
  private static Samples bareVeth() {
    var values = new ArrayList<Double>();
    try (var node = Netns.createUnnamed();
        var kernel = NetlinkSocket.open(node)) {
      for (int i = 0; i < WARM_UP + ONE_BY_ONE; i++) {
        try (var pod = Netns.createUnnamed()) {
          long start = System.nanoTime();
          kernel.apply(
              Links.createVeth(
                  LinkSettings.named("eth0").index(1000).netns(pod).up(),
                  LinkSettings.named("veth" + i)));
          kernel.apply(Links.set("veth" + i, LinkSettings.none().up()));
          try (var inside = NetlinkSocket.open(pod)) {
            inside.apply(
                List.of(
                    Addresses.add(Address.of(1000, Prefix.parse("10.0.0.1/32"))),
                    Addresses.add(
                        Address.of(1000, Prefix.parse("fd00::1/128")).flags(Address.Flag.NODAD))));
          }
          values.add((System.nanoTime() - start) / 1e6);
        }
      }
    }
    return new Samples(values.subList(WARM_UP, values.size()), "ms");
  }
}
