// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a packet for a node port costs whose backend is at another node: the program of XDP against
 * that of tc, each alone (BPF_PROG_TEST_RUN). What the stack does for a packet before tc sees it is
 * in neither figure.
 */
record XdpCost() implements Benchmark {
  /** Runs of a round, of which the lower quartile counts: the others met an interrupt or more. */
  private static final int RUNS = 400;

  @Override
  public String name() {
    return "xdp";
  }

  @Override
  public String description() {
    return "a packet for a backend of another node: ns of program, XDP against tc";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var rows = new ArrayList<Row>();
    try (var node = new TurningNode()) {
      for (boolean v4 : new boolean[] {true, false}) {
        for (boolean tcp : new boolean[] {true, false}) {
          rows.add(compare(rounds, node, v4, tcp));
        }
      }
    }
    return rows;
  }

  private static Row compare(Rounds rounds, TurningNode node, boolean v4, boolean tcp) {
    node.serve(v4, tcp);
    var tc = new ArrayList<Double>();
    var xdp = new ArrayList<Double>();
    for (int round = 0; round < rounds.count(); round++) {
      tc.add(quartile(node::tcNanos));
      xdp.add(quartile(node::xdpNanos));
    }
    return Row.compared(
        "ns of program for a packet to another node's backend, %s IPv%d: XDP"
            .formatted(tcp ? "TCP" : "UDP", v4 ? 4 : 6),
        new Samples(xdp, "ns"),
        new Samples(tc, "ns"),
        "tc",
        Budget.ratioAtMost(1));
  }

  /** One measurement. */
  private interface Measurement {
    int nanos();
  }

  private static double quartile(Measurement measurement) {
    var values = new ArrayList<Double>();
    for (int run = 0; run < RUNS; run++) {
      values.add((double) measurement.nanos());
    }
    return new Samples(values, "ns").percentile(25);
  }
}
