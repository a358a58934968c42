// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.wire.agent.FlowEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jilium bpf ct list}. */
@Command(
    name = "list",
    description =
        "Connections in the kernel: one line for what the opener sends (Tx), one for the replies (Rx).",
    footer = {"%nExamples:", "  jilium bpf ct list", "  jilium bpf ct list -o json"})
public final class CtListVerb extends MapListVerb<FlowEntry> {
  @Parameters(
      arity = "0..1",
      paramLabel = "global",
      description = "as if left out: a node has one table")
  private Optional<String> table = Optional.empty();

  public CtListVerb() {
    super(MapDumpRequest.Map.FLOWS, MapDump::getFlowsList);
  }

  @Override
  Comparator<FlowEntry> order() {
    if (table.isPresent() && !table.get().equals("global")) {
      throw wrongUsage("there is no table named " + table.get() + "; a node has one, global");
    }
    return byAddresses();
  }

  static Comparator<FlowEntry> byAddresses() {
    return Comparator.comparingInt(FlowEntry::getProto)
        .thenComparing(FlowEntry::getSrc, Addresses.order())
        .thenComparingInt(FlowEntry::getSport)
        .thenComparing(FlowEntry::getDst, Addresses.order())
        .thenComparingInt(FlowEntry::getDport);
  }

  @Override
  void print(List<FlowEntry> entries, PrintWriter out) {
    entries.forEach(entry -> out.println(FlowText.connection(entry)));
  }

  @Override
  Object json(List<FlowEntry> entries) {
    return entries.stream().map(FlowText::json).toList();
  }
}
