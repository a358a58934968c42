// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.sys.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jilium bench}. */
@Command(
    name = "jilium bench",
    mixinStandardHelpOptions = true,
    description = "Measures Jilium against what the kernel does alone, in the same run.",
    footer = {
      "",
      "Latency is measured with both ends on CPU 0 before all other work; each figure is the median of",
      "several short rounds in which ours and the baselines take turns. A ratio is that of each round.",
      "Exit code 1 if something could not be measured; budgets are told, not enforced."
    })
final class Main implements Callable<Integer> {
  private static final List<Benchmark> ALL =
      List.of(
          new KernelAlone(),
          new ProgramLoad(),
          new DatapathAlone(),
          SameNode.requestResponse(),
          SameNode.stream(),
          SameNode.connections(),
          CrossNode.nativeRouting(),
          CrossNode.vxlan(),
          ServicePath.requestResponse(),
          ServicePath.connections(),
          new ProgramCost(),
          new XdpCost(),
          new CniAdd(),
          new CliVerb(),
          new AgentProcess(),
          new ServiceScale(),
          new KubeScale());

  private enum Output {
    table,
    json
  }

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "What; all if none is given.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--list", description = "Only list what can be measured.")
  private boolean list;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of each figure (default: ${DEFAULT-VALUE}).")
  private int rounds = 7;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Length of each measurement of a round (default: ${DEFAULT-VALUE}).")
  private int seconds = 2;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      description = "Format of the result (default: ${DEFAULT-VALUE}).")
  private Output output = Output.table;

  private Main() {}

  public static void main(String[] arguments) {
    int code =
        new CommandLine(new Main())
            .setExecutionExceptionHandler((error, command, _) -> {
              if (!(error instanceof BenchException || error instanceof LinuxException)) {
                error.printStackTrace(command.getErr());
              }
              command.getErr().println("jilium bench: " + error.getMessage());
              return 1;
            })
            .execute(arguments);
    System.exit(code);
  }

  @Override
  public Integer call() {
    if (list) {
      ALL.forEach(b -> System.out.printf("%-14s %s%n", b.name(), b.description()));
      return 0;
    }
    for (String name : names) {
      if (ALL.stream().noneMatch(b -> b.name().equals(name))) {
        throw new BenchException("nothing is called '%s': see --list".formatted(name));
      }
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new BenchException("namespaces and programs are made to measure: run it as root");
    }
    var progress = Progress.console();
    var rows = new ArrayList<Row>();
    boolean complete = true;
    try (var labs = new Labs(progress)) {
      for (var benchmark : ALL) {
        if (names.isEmpty() || names.contains(benchmark.name())) {
          complete &= run(benchmark, new Rounds(rounds, seconds, progress), labs, rows);
        }
      }
    }
    System.out.print(output == Output.table ? Report.table(rows) : Report.json(rows) + "\n");
    return complete ? 0 : 1;
  }

  /** What cannot be measured is said, and does not hinder the others. */
  private static boolean run(Benchmark benchmark, Rounds rounds, Labs labs, List<Row> rows) {
    rounds.progress().say(benchmark.name() + ": " + benchmark.description());
    try {
      rows.addAll(benchmark.run(rounds, labs));
      return true;
    } catch (RuntimeException e) {
      if (!(e instanceof BenchException || e instanceof LinuxException)) {
        e.printStackTrace();
      }
      System.err.printf(
          "jilium bench: %s was not measured: %s%n", benchmark.name(), e.getMessage());
      return false;
    }
  }
}
