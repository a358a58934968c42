// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.List;

/** The baselines alone, without a lab: whether this machine is quiet enough to measure on. */
record KernelAlone() implements Benchmark {
  @Override
  public String name() {
    return "kernel";
  }

  @Override
  public String description() {
    return "the baselines alone, against a bare veth pair";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    try (var veth = KernelPaths.veth();
        var routed = KernelPaths.routed();
        var bridge = KernelPaths.bridge();
        var plain = KernelPaths.nativeRouting();
        var vxlan = KernelPaths.vxlan()) {
      var others = List.of(routed, bridge, plain, vxlan);
      var all = rounds.measure(Meter.REQUEST_RESPONSE, List.of(veth, routed, bridge, plain, vxlan));
      return others.stream()
          .map(ends ->
              Row.compared(
                  ends.label() + ", request/response",
                  all.get(1 + others.indexOf(ends)),
                  all.getFirst(),
                  "bare veth",
                  new Budget.None()))
          .toList();
    }
  }
}
