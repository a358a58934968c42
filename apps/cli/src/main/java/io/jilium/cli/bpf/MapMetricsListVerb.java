// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.Json;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.MetricsEntry;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code jilium bpf metrics list}. */
@Command(
    name = "list",
    description = "Exact counts of packets forwarded and dropped, the latter by reason and place.",
    footer = {"%nExamples:", "  jilium bpf metrics list", "  jilium bpf metrics list -o json"})
public final class MapMetricsListVerb extends MapListVerb<MetricsEntry> {
  public MapMetricsListVerb() {
    super(MapDumpRequest.Map.METRICS, MapDump::getMetricsList);
  }

  @Override
  Comparator<MetricsEntry> order() {
    return Comparator.comparing(MetricsEntry::getText)
        .thenComparing(entry -> direction(entry.getDirection()))
        .thenComparing(MetricsEntry::getFile)
        .thenComparingInt(MetricsEntry::getLine);
  }

  @Override
  void print(List<MetricsEntry> entries, PrintWriter out) {
    var table = new Table("REASON", "DIRECTION", "PACKETS", "BYTES", "LINE", "FILE");
    for (MetricsEntry entry : entries) {
      table.row(
          entry.getText(),
          direction(entry.getDirection()),
          Long.toUnsignedString(entry.getPackets()),
          Long.toUnsignedString(entry.getBytes()),
          entry.getLine() == 0 ? "" : Integer.toString(entry.getLine()),
          entry.getFile());
    }
    table.print(out);
  }

  @Override
  Object json(List<MetricsEntry> entries) {
    return entries.stream()
        .map(entry ->
            Json.object(
                "reason", entry.getReason(),
                "description", entry.getText(),
                "direction", direction(entry.getDirection()).toLowerCase(Locale.ROOT),
                "packets", entry.getPackets(),
                "bytes", entry.getBytes(),
                "line", entry.getLine(),
                "file", entry.getFile()))
        .toList();
  }

  private static String direction(int direction) {
    return switch (direction) {
      case 1 -> "INGRESS";
      case 2 -> "EGRESS";
      case 3 -> "SERVICE";
      default -> "UNKNOWN";
    };
  }
}
