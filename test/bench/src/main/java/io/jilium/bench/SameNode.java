// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.ArrayList;
import java.util.List;

/** Two pods on one node, against a bare veth pair and what the kernel offers instead. */
record SameNode(String name, String description, Meter meter, Budget budget) implements Benchmark {
  static SameNode requestResponse() {
    return new SameNode(
        "same-node",
        "TCP request/response between two pods of a node",
        Meter.REQUEST_RESPONSE,
        Budget.ratioAtMost(1.09));
  }

  static SameNode stream() {
    return new SameNode(
        "stream",
        "one TCP stream between two pods of a node",
        Meter.STREAM,
        Budget.ratioAtLeast(0.97));
  }

  static SameNode connections() {
    return new SameNode(
        "connections",
        "new TCP connections a second between two pods of a node",
        Meter.CONNECTIONS,
        Budget.ratioAtLeast(0.80));
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    try (var veth = KernelPaths.veth();
        var routed = KernelPaths.routed();
        var bridge = KernelPaths.bridge();
        var ours = labs.tunnel().ends("jilium", "node-1")) {
      var all = rounds.measure(meter, List.of(veth, ours, routed, bridge));
      var rows = new ArrayList<Row>();
      rows.add(Row.compared(description, all.get(1), all.get(0), "bare veth", budget));
      rows.add(reference("kernel-routed veth", all.get(2), all.get(0)));
      rows.add(reference("kernel bridge", all.get(3), all.get(0)));
      return rows;
    } finally {
      labs.tunnel().removePods(List.of("client-node-1", "server-node-1"));
    }
  }

  private static Row reference(String what, Samples samples, Samples veth) {
    return Row.compared("  for comparison: " + what, samples, veth, "bare veth", new Budget.None());
  }
}
