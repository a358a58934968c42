// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Two pods on two nodes, against the kernel doing the same without policy. */
record CrossNode(
    String name,
    String description,
    Supplier<Ends> kernel,
    Function<Labs, LabCluster> lab,
    Budget budget)
    implements Benchmark {
  static CrossNode nativeRouting() {
    return new CrossNode(
        "native",
        "TCP request/response across nodes, native routing",
        KernelPaths::nativeRouting,
        Labs::nativeRouting,
        Budget.ratioAtMost(0.96));
  }

  static CrossNode vxlan() {
    return new CrossNode(
        "vxlan",
        "TCP request/response across nodes, VXLAN",
        KernelPaths::vxlan,
        Labs::tunnel,
        Budget.ratioAtMost(0.85));
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var cluster = lab.apply(labs);
    try (var baseline = kernel.get();
        var ours = cluster.ends("jilium", "node-2")) {
      var all = rounds.measure(Meter.REQUEST_RESPONSE, List.of(baseline, ours));
      return List.of(Row.compared(description, all.get(1), all.get(0), baseline.label(), budget));
    } finally {
      cluster.removePods(List.of("client-node-2", "server-node-2"));
    }
  }
}
