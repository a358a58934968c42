// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.Json;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.IpcacheEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code jilium bpf ipcache list}. */
@Command(
    name = "list",
    description = "Which identity a prefix has, and the node that it lies behind.",
    footer = {"%nExamples:", "  jilium bpf ipcache list", "  jilium bpf ipcache list -o json"})
public final class IpcacheListVerb extends MapListVerb<IpcacheEntry> {
  /** Bits of enum ipcache_flag in abi/ipcache.h, lowest first. */
  private static final List<String> FLAGS =
      List.of("hastunnel", "skiptunnel", "remotenode", "cluster");

  public IpcacheListVerb() {
    super(MapDumpRequest.Map.IPCACHE, MapDump::getIpcacheList);
  }

  @Override
  Comparator<IpcacheEntry> order() {
    return Comparator.comparing(IpcacheEntry::getAddress, Addresses.order())
        .thenComparingInt(IpcacheEntry::getPrefix);
  }

  @Override
  void print(List<IpcacheEntry> entries, PrintWriter out) {
    var table = new Table("IP PREFIX/ADDRESS", "IDENTITY");
    for (IpcacheEntry entry : entries) {
      List<String> flags = flags(entry.getFlags());
      table.row(
          prefix(entry),
          "identity=%s encryptkey=%d tunnelendpoint=%s flags=%s"
              .formatted(
                  Integer.toUnsignedString(entry.getIdentity()),
                  entry.getKey(),
                  Addresses.text(entry.getTunnelEndpoint()),
                  flags.isEmpty() ? "<none>" : String.join(",", flags)));
    }
    table.print(out);
  }

  @Override
  Object json(List<IpcacheEntry> entries) {
    return entries.stream()
        .map(entry ->
            Json.object(
                "prefix", prefix(entry),
                "identity", Integer.toUnsignedLong(entry.getIdentity()),
                "encryptkey", entry.getKey(),
                "tunnelendpoint", Addresses.text(entry.getTunnelEndpoint()),
                "flags", flags(entry.getFlags())))
        .toList();
  }

  private static String prefix(IpcacheEntry entry) {
    return Addresses.text(entry.getAddress()) + "/" + entry.getPrefix();
  }

  private static List<String> flags(int bits) {
    var names = new ArrayList<String>();
    for (int i = 0; i < FLAGS.size(); i++) {
      if ((bits & 1 << i) != 0) {
        names.add(FLAGS.get(i));
      }
    }
    return names;
  }
}
