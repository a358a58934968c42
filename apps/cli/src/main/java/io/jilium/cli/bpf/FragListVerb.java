// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.Json;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.FragmentEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code jilium bpf frag list}. */
@Command(
    name = "list",
    description = "Datagrams seen in fragments, and the ports that their first fragment named.",
    footer = {"%nExamples:", "  jilium bpf frag list"})
public final class FragListVerb extends MapListVerb<FragmentEntry> {
  public FragListVerb() {
    super(MapDumpRequest.Map.FRAGMENTS, MapDump::getFragmentsList);
  }

  @Override
  Comparator<FragmentEntry> order() {
    return Comparator.comparing(FragmentEntry::getSrc, Addresses.order())
        .thenComparing(FragmentEntry::getDst, Addresses.order());
  }

  @Override
  void print(List<FragmentEntry> entries, PrintWriter out) {
    var table = new Table("DATAGRAM", "PORTS");
    for (FragmentEntry entry : entries) {
      table.row(
          "%s -> %s, %s, id %s, ifindex %d"
              .formatted(
                  Addresses.text(entry.getSrc()),
                  Addresses.text(entry.getDst()),
                  Addresses.protocol(entry.getProto()),
                  Integer.toUnsignedString(entry.getId()),
                  entry.getIfindex()),
          "%d -> %d".formatted(entry.getSport(), entry.getDport()));
    }
    table.print(out);
  }

  @Override
  Object json(List<FragmentEntry> entries) {
    return entries.stream()
        .map(entry ->
            Json.object(
                "source", Addresses.text(entry.getSrc()),
                "destination", Addresses.text(entry.getDst()),
                "protocol", Addresses.protocol(entry.getProto()),
                "id", Integer.toUnsignedLong(entry.getId()),
                "ifindex", entry.getIfindex(),
                "source-port", entry.getSport(),
                "destination-port", entry.getDport()))
        .toList();
  }
}
