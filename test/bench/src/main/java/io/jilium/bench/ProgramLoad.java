// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.core.model.IpAddress;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.DatapathConfig;
import io.jilium.datapath.MapSizes;
import io.jilium.datapath.ProgramReport;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Loading all programs of a node, and how much of the verifier's patience each takes. */
record ProgramLoad() implements Benchmark {
  /** BPF_COMPLEXITY_LIMIT_INSNS of linux/bpf_verifier.h. */
  private static final int VERIFIER_LIMIT = 1_000_000;

  @Override
  public String name() {
    return "load";
  }

  @Override
  public String description() {
    return "load of all programs of a node; verified instructions";
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var directory = Path.of("/sys/fs/bpf/jilium-bench-" + ProcessHandle.current().pid());
    var seconds = new ArrayList<Double>();
    List<ProgramReport> programs = List.of();
    try (var netns = Netns.createUnnamed();
        var netlink = NetlinkSocket.open(netns)) {
      for (int round = 0; round < rounds.count(); round++) {
        try (var datapath = Datapath.load(directory, config(), netlink)) {
          seconds.add(datapath.loadTime().toNanos() / 1e9);
          programs = datapath.programs();
        } finally {
          Datapath.remove(directory, netlink);
        }
      }
    }
    var rows = new ArrayList<Row>();
    rows.add(
        Row.alone(
            "load of all programs of a node",
            new Samples(seconds, "s"),
            50,
            new Budget.AtMost(1, "s")));
    programs.stream()
        .sorted(Comparator.comparing(ProgramReport::program))
        .filter(report -> report.verifiedInstructions().isPresent())
        .map(ProgramLoad::row)
        .forEach(rows::add);
    return rows;
  }

  private static Row row(ProgramReport report) {
    double part = 100.0 * report.verifiedInstructions().orElseThrow() / VERIFIER_LIMIT;
    return Row.alone(
        "%s: %d verified instructions of %d"
            .formatted(
                report.program(), report.verifiedInstructions().orElseThrow(), VERIFIER_LIMIT),
        Samples.of(part, "%"),
        50,
        new Budget.AtMost(20, "%"));
  }

  private static DatapathConfig config() {
    var addresses =
        new DatapathConfig.Addresses(
            Optional.of(IpAddress.parse("10.244.0.1")),
            Optional.of(IpAddress.parse("fd00:10:244::1")),
            Optional.of(IpAddress.parse("172.30.0.1")),
            Optional.of(IpAddress.parse("fd00:172:30::1")));
    return new DatapathConfig(
        addresses,
        new DatapathConfig.Devices(0, 0, 0),
        DatapathConfig.Tunnel.VXLAN,
        DatapathConfig.Masquerade.NONE,
        true,
        true,
        1450,
        1000,
        128,
        true,
        MapSizes.DEFAULT);
  }
}
