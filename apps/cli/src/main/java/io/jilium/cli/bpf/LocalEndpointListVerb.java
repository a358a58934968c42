// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.Json;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.EndpointEntry;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code jilium bpf endpoint list}. */
@Command(
    name = "list",
    description = "Addresses that the programs deliver to on this node.",
    footer = {"%nExamples:", "  jilium bpf endpoint list", "  jilium bpf endpoint list -o json"})
public final class LocalEndpointListVerb extends MapListVerb<EndpointEntry> {
  /** ENDPOINT_HOST in abi/endpoint.h. */
  private static final int HOST = 1;

  public LocalEndpointListVerb() {
    super(MapDumpRequest.Map.ENDPOINTS, MapDump::getEndpointsList);
  }

  @Override
  Comparator<EndpointEntry> order() {
    return Comparator.comparing(EndpointEntry::getAddress, Addresses.order());
  }

  @Override
  void print(List<EndpointEntry> entries, PrintWriter out) {
    var table = new Table("IP ADDRESS", "LOCAL ENDPOINT INFO");
    entries.forEach(entry -> table.row(address(entry), info(entry)));
    table.print(out);
  }

  @Override
  Object json(List<EndpointEntry> entries) {
    var json = new LinkedHashMap<String, Object>();
    entries.forEach(entry ->
        json.put(
            address(entry),
            isHost(entry)
                ? Json.object("localhost", true)
                : Json.object(
                    "id", entry.getId(),
                    "sec_id", entry.getIdentity(),
                    "flags", entry.getFlags(),
                    "ifindex", entry.getIfindex(),
                    "mac", Addresses.mac(entry.getMac()),
                    "nodemac", Addresses.mac(entry.getNodeMac()))));
    return json;
  }

  private static String address(EndpointEntry entry) {
    return Addresses.text(entry.getAddress(), 0);
  }

  private static boolean isHost(EndpointEntry entry) {
    return (entry.getFlags() & HOST) != 0;
  }

  private static String info(EndpointEntry entry) {
    if (isHost(entry)) {
      return "(localhost)";
    }
    return String.format(
        Locale.ROOT,
        "id=%-5d sec_id=%-5d flags=0x%04X ifindex=%-3d mac=%s nodemac=%s",
        entry.getId(),
        entry.getIdentity(),
        entry.getFlags(),
        entry.getIfindex(),
        Addresses.mac(entry.getMac()),
        Addresses.mac(entry.getNodeMac()));
  }
}
