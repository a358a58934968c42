// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.ArrayList;
import java.util.List;

/** A command, from the shell's point of view: launcher, JVM, question to the agent, print. */
record CliVerb() implements Benchmark {
  private static final int RUNS_PER_ROUND = 4;

  @Override
  public String name() {
    return "cli";
  }

  @Override
  public String description() {
    return "jilium status, whole process";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var lab = labs.tunnel();
    lab.agentVerb("node-1", "status"); // files in the page cache, as after any first command
    var values = new ArrayList<Double>();
    for (int i = 0; i < RUNS_PER_ROUND * rounds.count(); i++) {
      long start = System.nanoTime();
      lab.agentVerb("node-1", "status");
      values.add((System.nanoTime() - start) / 1e9);
    }
    return List.of(
        Row.alone(description(), new Samples(values, "s"), 50, new Budget.AtMost(0.25, "s")));
  }
}
