// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.ebpf.BpfStats;
import io.jilium.linux.ebpf.Link;
import io.jilium.linux.ebpf.Program;
import io.jilium.linux.ebpf.ProgramInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Nanoseconds that our programs take for a packet, by the kernel's own clock (bpf_stats). */
record ProgramCost() implements Benchmark {
  private static final double BUDGET_NANOSECONDS = 125;

  /** Programs that run now and then are not on the path that is measured. */
  private static final long ON_PATH_RUNS = 10_000;

  @Override
  public String name() {
    return "program-cost";
  }

  @Override
  public String description() {
    return "ns of program per packet and direction";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var rows = new ArrayList<Row>();
    rows.addAll(
        measure(
            rounds,
            labs.tunnel(),
            "node-1",
            "same node",
            new Budget.AtMost(BUDGET_NANOSECONDS, "ns")));
    rows.addAll(measure(rounds, labs.nativeRouting(), "node-2", "native", new Budget.None()));
    rows.addAll(measure(rounds, labs.tunnel(), "node-2", "VXLAN", new Budget.None()));
    return rows;
  }

  private static List<Row> measure(
      Rounds rounds, LabCluster lab, String node, String path, Budget budget) {
    try (var ends = lab.ends("jilium", node)) {
      return measure(rounds, ends, List.of(lab.pinDirectory()), path, budget);
    } finally {
      lab.removePods(List.of("client-" + node, "server-" + node));
    }
  }

  /**
   * Cost of the programs whose links are pinned below the directories, while requests go between
   * the ends.
   */
  static List<Row> measure(Rounds rounds, Ends ends, List<Path> pins, String path, Budget budget) {
    var costs = new TreeMap<String, List<Double>>();
    try (var _ = BpfStats.enable()) {
      for (int round = 0; round < rounds.count(); round++) {
        var before = programs(pins);
        Meter.REQUEST_RESPONSE.measure(ends, rounds.seconds());
        costs(before, programs(pins))
            .forEach((name, cost) -> costs.computeIfAbsent(name, _ -> new ArrayList<>()).add(cost));
      }
    }
    if (costs.isEmpty()) {
      throw new BenchException("no program of the links below " + pins + " ran");
    }
    return costs.entrySet().stream()
        .map(e ->
            Row.alone(
                "ns of %s per packet, %s".formatted(e.getKey(), path),
                new Samples(e.getValue(), "ns"),
                50,
                budget))
        .toList();
  }

  /** Run time over runs of each name; nodes have programs of their own under equal names. */
  private static Map<String, Double> costs(
      Map<Integer, ProgramInfo> before, Map<Integer, ProgramInfo> after) {
    var nanos = new LinkedHashMap<String, Long>();
    var runs = new LinkedHashMap<String, Long>();
    after.forEach((id, now) -> {
      var then = before.get(id);
      if (then != null) {
        nanos.merge(now.name(), now.runTime().minus(then.runTime()).toNanos(), Long::sum);
        runs.merge(now.name(), now.runCount() - then.runCount(), Long::sum);
      }
    });
    var costs = new LinkedHashMap<String, Double>();
    nanos.forEach((name, time) -> {
      long count = runs.getOrDefault(name, 0L);
      if (count >= ON_PATH_RUNS) {
        costs.put(name, (double) time / count);
      }
    });
    return costs;
  }

  /** The programs of the links that are pinned below the directories. */
  private static Map<Integer, ProgramInfo> programs(List<Path> pins) {
    var programs = new LinkedHashMap<Integer, ProgramInfo>();
    pins.forEach(directory -> programs(directory, programs));
    return programs;
  }

  private static void programs(Path pins, Map<Integer, ProgramInfo> programs) {
    try (var files = Files.walk(pins)) {
      for (Path pin :
          files.filter(f -> f.toString().contains("/links/") && Files.isRegularFile(f)).toList()) {
        try (var link = Link.open(pin);
            var program = Program.ofId(link.info().programId())) {
          var info = program.info();
          programs.put(info.id(), info);
        }
      }
    } catch (IOException e) {
      throw new BenchException("cannot read " + pins, e);
    }
  }
}
