// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.Json;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.IpcacheEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code jilium bpf tunnel list}. */
@Command(
    name = "list",
    description = "Which prefix lies behind which node.",
    footer = {"%nExamples:", "  jilium bpf tunnel list", "  jilium bpf tunnel list -o json"})
public final class TunnelListVerb extends MapListVerb<IpcacheEntry> {
  public TunnelListVerb() {
    super(MapDumpRequest.Map.TUNNEL, MapDump::getIpcacheList);
  }

  @Override
  Comparator<IpcacheEntry> order() {
    return Comparator.comparing(IpcacheEntry::getAddress, Addresses.order());
  }

  @Override
  void print(List<IpcacheEntry> entries, PrintWriter out) {
    var table = new Table("TUNNEL", "VALUE");
    for (IpcacheEntry entry : entries) {
      table.row(
          Addresses.text(entry.getAddress()),
          Addresses.text(entry.getTunnelEndpoint(), entry.getKey()));
    }
    table.print(out);
  }

  @Override
  Object json(List<IpcacheEntry> entries) {
    return entries.stream()
        .map(entry ->
            Json.object(
                "prefix", Addresses.text(entry.getAddress()) + "/" + entry.getPrefix(),
                "tunnelendpoint", Addresses.text(entry.getTunnelEndpoint()),
                "encryptkey", entry.getKey()))
        .toList();
  }
}
