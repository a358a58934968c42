// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import static io.jilium.cli.verb.Json.object;

import com.google.protobuf.ByteString;
import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.LbBackend;
import io.jilium.wire.agent.LbFrontend;
import io.jilium.wire.agent.LbSet;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium bpf lb list}. */
@Command(
    name = "list",
    description = "Services in the kernel: slot 0 is the address itself, the others its backends.",
    footer = {
      "%nExamples:",
      "  jilium bpf lb list",
      "  jilium bpf lb list --backends",
      "  jilium bpf lb list --maglev -o json"
    })
public final class LbListVerb extends AgentVerb {
  private static final int WHOLE_ADDRESS = 1;
  private static final int FROM_OUTSIDE = 2;
  private static final int KEEP_CLIENT = 4;
  private static final int RANGES = 8;
  private static final int MAGLEV = 1;

  /** At most one of these. */
  private static final class What {
    @Option(names = "--backends", description = "backends and the connections given to them")
    private boolean backends;

    @Option(names = "--revnat", description = "what each number stands for")
    private boolean revnat;

    @Option(names = "--maglev", description = "tables of consistent choice")
    private boolean maglev;

    @Option(names = "--affinity", description = "which backend each client keeps")
    private boolean affinity;

    @Option(names = "--source-ranges", description = "who may use a load balancer's address")
    private boolean sourceRanges;
  }

  @ArgGroup private What what = new What();

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    if (what.backends) {
      backends(out);
    } else if (what.maglev) {
      maglev(out);
    } else if (what.affinity) {
      affinity(out);
    } else if (what.sourceRanges) {
      sourceRanges(out);
    } else if (what.revnat) {
      revnat(out);
    } else {
      frontends(out);
    }
  }

  private MapDump dump(MapDumpRequest.Map map) {
    var all = MapDump.newBuilder();
    ask(
        request -> request.setMapDump(MapDumpRequest.newBuilder().setMap(map)),
        answer -> all.mergeFrom(answer.getMapDump()));
    return all.build();
  }

  private List<LbFrontend> sorted() {
    return dump(MapDumpRequest.Map.LB_FRONTENDS).getLbFrontendsList().stream()
        .sorted(
            Comparator.comparing(LbFrontend::getAddress, Addresses.order())
                .thenComparingInt(LbFrontend::getPort)
                .thenComparingInt(LbFrontend::getProto))
        .toList();
  }

  private static String place(ByteString address, int port, int proto) {
    return Addresses.text(address, port) + "/" + (proto == 0 ? "ANY" : Addresses.protocol(proto));
  }

  private static String flags(LbFrontend frontend) {
    var flags = new ArrayList<String>();
    flags.add(frontend.getType());
    if ((frontend.getFlags() & WHOLE_ADDRESS) != 0) {
      flags.add("whole address");
    } else if ((frontend.getFlags() & FROM_OUTSIDE) == 0) {
      flags.add("non-routable");
    }
    if ((frontend.getFlags() & KEEP_CLIENT) != 0) {
      flags.add("Local");
    }
    if ((frontend.getFlags() & RANGES) != 0) {
      flags.add("check source-range");
    }
    if (frontend.getAffinitySeconds() > 0) {
      flags.add("sessionAffinity");
    }
    if ((frontend.getOutside().getFlags() & MAGLEV) != 0) {
      flags.add("maglev");
    }
    return String.join(", ", flags);
  }

  private void frontends(PrintWriter out) {
    var frontends = sorted();
    if (output.printJson(out, frontends.stream().map(LbListVerb::json).toList())) {
      return;
    }
    var table = new Table("SERVICE ADDRESS", "BACKEND ADDRESS (REVNAT_ID) (SLOT)");
    for (var frontend : frontends) {
      var place = place(frontend.getAddress(), frontend.getPort(), frontend.getProto());
      table.row(
          place + " (0)", "0.0.0.0:0 (%d) (0) [%s]".formatted(frontend.getId(), flags(frontend)));
      slots(table, place, frontend, frontend.getInside(), "");
      if (frontend.getInside().getId() != frontend.getOutside().getId()) {
        slots(table, place, frontend, frontend.getOutside(), " from outside");
      }
    }
    table.print(out);
  }

  private static void slots(
      Table table, String place, LbFrontend frontend, LbSet set, String whose) {
    int slot = 1;
    for (var backend : set.getBackendsList()) {
      table.row(
          place + " (" + slot + ")",
          backend(backend) + " (" + frontend.getId() + ") (" + slot + ")" + whose);
      slot++;
    }
  }

  private static String backend(LbBackend backend) {
    return backend.getAddress().isEmpty()
        ? "backend %d not found".formatted(backend.getId())
        : place(backend.getAddress(), backend.getPort(), backend.getProto());
  }

  private static Map<String, Object> json(LbFrontend frontend) {
    return object(
        "id", frontend.getId(),
        "frontend", place(frontend.getAddress(), frontend.getPort(), frontend.getProto()),
        "type", frontend.getType(),
        "flags", frontend.getFlags(),
        "affinitySeconds", frontend.getAffinitySeconds(),
        "inside", json(frontend.getInside()),
        "outside", json(frontend.getOutside()));
  }

  private static Map<String, Object> json(LbSet set) {
    return object(
        "id", set.getId(),
        "base", set.getBase(),
        "flags", set.getFlags(),
        "backends", set.getBackendsList().stream().map(LbListVerb::backend).toList());
  }

  private void backends(PrintWriter out) {
    var backends = dump(MapDumpRequest.Map.LB_BACKENDS).getLbBackendsList();
    if (output.printJson(
        out,
        backends.stream()
            .map(backend ->
                object(
                    "id", backend.getId(),
                    "address", backend(backend),
                    "state", backend.getState(),
                    "connections", backend.getConnections()))
            .toList())) {
      return;
    }
    var table = new Table("ID", "BACKEND ADDRESS", "STATE", "CONNECTIONS");
    for (var backend : backends) {
      table.row(
          Integer.toString(backend.getId()),
          backend(backend),
          backend.getState(),
          Long.toString(backend.getConnections()));
    }
    table.print(out);
  }

  private void revnat(PrintWriter out) {
    var frontends = sorted().stream().sorted(Comparator.comparingInt(LbFrontend::getId)).toList();
    if (output.printJson(
        out,
        frontends.stream()
            .map(f ->
                object("id", f.getId(), "frontend", Addresses.text(f.getAddress(), f.getPort())))
            .toList())) {
      return;
    }
    var table = new Table("ID", "BACKEND ADDRESS (REVNAT_ID) (SLOT)");
    for (var frontend : frontends) {
      table.row(
          Integer.toString(frontend.getId()),
          Addresses.text(frontend.getAddress(), frontend.getPort()));
    }
    table.print(out);
  }

  private void maglev(PrintWriter out) {
    var tables = dump(MapDumpRequest.Map.LB_MAGLEV).getLbMaglevList();
    var owners =
        sorted().stream()
            .filter(f -> (f.getOutside().getFlags() & MAGLEV) != 0)
            .collect(Collectors.toMap(f -> f.getOutside().getBase(), f -> f, (one, _) -> one));
    var table = new Table("SVC ID", "LOOKUP TABLE", "ENTRIES");
    var rows = new ArrayList<Map<String, Object>>();
    for (var entry : tables) {
      var owner = owners.get(entry.getBase());
      if (owner != null) {
        var backends = owner.getOutside().getBackendsList();
        var ids =
            entry.getPositionsList().stream()
                .map(position -> position < backends.size() ? backends.get(position).getId() : 0)
                .toList();
        var entries = entries(ids);
        table.row(Integer.toString(owner.getId()), ids.toString(), entries.toString());
        rows.add(object("id", owner.getId(), "backends", ids, "entries", entries));
      }
    }
    if (!output.printJson(out, rows)) {
      table.print(out);
    }
  }

  /** How many of a table's entries each backend has: its share of new connections. */
  private static Map<String, Integer> entries(List<Integer> ids) {
    var entries = new LinkedHashMap<String, Integer>();
    ids.stream().sorted().forEach(id -> entries.merge(Integer.toString(id), 1, Integer::sum));
    return entries;
  }

  private void affinity(PrintWriter out) {
    var entries = dump(MapDumpRequest.Map.LB_AFFINITY).getLbAffinityList();
    var table = new Table("CLIENT", "REVNAT_ID", "BACKEND ID", "AGE");
    var rows = new ArrayList<Map<String, Object>>();
    for (var entry : entries) {
      var client =
          entry.getClient().isEmpty()
              ? "netns " + Long.toUnsignedString(entry.getNetnsCookie())
              : Addresses.text(entry.getClient());
      table.row(
          client,
          Integer.toString(entry.getFrontend()),
          Integer.toString(entry.getBackend()),
          entry.getAgeMillis() / 1000 + "s");
      rows.add(
          object(
              "client", client,
              "frontend", entry.getFrontend(),
              "backend", entry.getBackend(),
              "ageMillis", entry.getAgeMillis()));
    }
    if (!output.printJson(out, rows)) {
      table.print(out);
    }
  }

  private void sourceRanges(PrintWriter out) {
    var entries = dump(MapDumpRequest.Map.LB_SOURCE_RANGES).getLbSourceRangesList();
    var table = new Table("REVNAT_ID", "SOURCE RANGE");
    var rows = new ArrayList<Map<String, Object>>();
    for (var entry : entries) {
      var range = Addresses.text(entry.getAddress()) + "/" + entry.getPrefix();
      table.row(Integer.toString(entry.getFrontend()), range);
      rows.add(object("frontend", entry.getFrontend(), "range", range));
    }
    if (!output.printJson(out, rows)) {
      table.print(out);
    }
  }
}
