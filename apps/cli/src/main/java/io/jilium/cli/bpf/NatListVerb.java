// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.wire.agent.FlowEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code jilium bpf nat list}. */
@Command(
    name = "list",
    description = "Connections whose addresses are translated, in both directions.",
    footer = {"%nExamples:", "  jilium bpf nat list", "  jilium bpf nat list -o json"})
public final class NatListVerb extends MapListVerb<FlowEntry> {
  public NatListVerb() {
    super(MapDumpRequest.Map.NAT, MapDump::getFlowsList);
  }

  @Override
  Comparator<FlowEntry> order() {
    return CtListVerb.byAddresses();
  }

  @Override
  void print(List<FlowEntry> entries, PrintWriter out) {
    entries.forEach(entry -> out.println(FlowText.translation(entry)));
  }

  @Override
  Object json(List<FlowEntry> entries) {
    return entries.stream().map(FlowText::json).toList();
  }
}
