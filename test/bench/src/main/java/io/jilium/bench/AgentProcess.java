// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** How long an agent takes from its start to a ready node, and how much memory it keeps. */
record AgentProcess() implements Benchmark {
  private static final int PODS = 100;
  private static final String NODE = "node-1";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "agent";
  }

  @Override
  public String description() {
    return "agent: start to ready, resident memory";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var lab = labs.tunnel();
    var rows = new ArrayList<Row>();
    var starts = new ArrayList<Double>();
    for (int round = 0; round < rounds.count(); round++) {
      starts.add(restart(lab));
      rounds.progress().say("agent ready after " + Samples.text(starts.getLast(), "s"));
    }
    rows.add(
        Row.alone(
            "agent, start to ready", new Samples(starts, "s"), 50, new Budget.AtMost(2, "s")));
    rows.add(memory(lab, "agent, resident memory, idle", 150));
    var pods = IntStream.range(0, PODS).mapToObj(i -> "memory-" + i).toList();
    lab.addPods(NODE, pods);
    try {
      Tool.pause(3000);
      rows.add(memory(lab, "agent, resident memory, " + PODS + " pods", 200));
    } finally {
      lab.removePods(pods);
    }
    return rows;
  }

  /** Seconds from the start of the process until the runtime may use the node. */
  private static double restart(LabCluster lab) {
    lab.node("stop", NODE);
    try {
      Files.deleteIfExists(lab.conflist(NODE));
    } catch (IOException e) {
      throw new BenchException("cannot delete " + lab.conflist(NODE), e);
    }
    var starting = CompletableFuture.runAsync(() -> lab.node("start", NODE));
    var end = Instant.now().plus(DEADLINE);
    while (!Files.exists(lab.conflist(NODE))) {
      if (Instant.now().isAfter(end) || starting.isCompletedExceptionally()) {
        starting.join();
        throw new BenchException("the agent is not ready after " + DEADLINE.toSeconds() + " s");
      }
      Tool.pause(2);
    }
    var ready = Instant.now();
    starting.join();
    var started =
        lab.agent(NODE)
            .info()
            .startInstant()
            .orElseThrow(() -> new BenchException("start time of the agent is unknown"));
    return Duration.between(started, ready).toMillis() / 1000.0;
  }

  private static Row memory(LabCluster lab, String what, double limit) {
    double mebibytes = residentMemory(lab.agent(NODE).pid());
    return Row.alone(what, Samples.of(mebibytes, "MiB"), 50, new Budget.AtMost(limit, "MiB"));
  }

  /** Of a process, in MiB. */
  static double residentMemory(long pid) {
    var status = Path.of("/proc", Long.toString(pid), "status");
    try (var lines = Files.lines(status)) {
      var line =
          lines
              .filter(l -> l.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow(() -> new BenchException("no VmRSS in " + status));
      return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
    } catch (IOException e) {
      throw new BenchException("cannot read " + status, e);
    }
  }
}
