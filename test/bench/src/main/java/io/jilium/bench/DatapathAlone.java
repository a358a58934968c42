// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Our programs with tables written by hand: what the datapath is capable of, without agent and lab.
 */
record DatapathAlone() implements Benchmark {
  private static final double SAME_NODE = 1.09;

  @Override
  public String name() {
    return "datapath";
  }

  @Override
  public String description() {
    return "our programs with tables written by hand, without agent and lab";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var rows = new ArrayList<Row>();
    compare(rows, rounds, "same node", OwnPaths::sameNode, KernelPaths::veth, SAME_NODE);
    compare(
        rows,
        rounds,
        "native routing",
        () -> OwnPaths.crossNode(false),
        KernelPaths::nativeRouting,
        0.96);
    compare(rows, rounds, "VXLAN", () -> OwnPaths.crossNode(true), KernelPaths::vxlan, 0.85);
    return rows;
  }

  private static void compare(
      List<Row> rows,
      Rounds rounds,
      String path,
      Supplier<OwnPaths> ours,
      Supplier<Ends> kernel,
      double limit) {
    try (var own = ours.get();
        var baseline = kernel.get()) {
      var all = rounds.measure(Meter.REQUEST_RESPONSE, List.of(baseline, own.ends()));
      rows.add(
          Row.compared(
              "request/response, " + path,
              all.get(1),
              all.get(0),
              baseline.label(),
              Budget.ratioAtMost(limit)));
      if (limit == SAME_NODE) {
        more(rows, rounds, own.ends(), baseline);
      }
      rows.addAll(ProgramCost.measure(rounds, own.ends(), own.pins(), path, new Budget.None()));
    }
  }

  /** What is measured on one node only. */
  private static void more(List<Row> rows, Rounds rounds, Ends own, Ends veth) {
    var both = List.of(veth, own);
    var stream = rounds.measure(Meter.STREAM, both);
    rows.add(
        Row.compared(
            "stream, same node",
            stream.get(1),
            stream.get(0),
            veth.label(),
            Budget.ratioAtLeast(0.97)));
    var connections = rounds.measure(Meter.CONNECTIONS, both);
    rows.add(
        Row.compared(
            "new connections, same node",
            connections.get(1),
            connections.get(0),
            veth.label(),
            Budget.ratioAtLeast(0.80)));
  }
}
