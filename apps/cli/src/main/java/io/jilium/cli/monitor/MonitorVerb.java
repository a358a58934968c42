// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputClosedException;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.agent.Event;
import io.jilium.wire.agent.EventType;
import io.jilium.wire.agent.MonitorReport;
import io.jilium.wire.agent.MonitorRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium monitor}. */
@Command(
    name = "monitor",
    description = {
      "Shows what the programs in the kernel do with packets, as it happens.",
      "%nThere are drops, traces, policy verdicts, and steps of a packet's handling (debug). Debug"
          + " events are made only while somebody asks for them, with -vv or --type debug; meanwhile"
          + " they slow every packet of the node down."
    },
    footer = {
      "%nExamples:",
      "  jilium monitor",
      "  jilium monitor --type drop",
      "  jilium monitor -vv --related-to 1580",
      "  jilium monitor -o json | jq ."
    })
public final class MonitorVerb extends AgentVerb {
  @Option(
      names = {"-v", "--verbose"},
      description = "-v: every header of a packet; -vv: also debug events")
  private boolean[] verbose = {};

  @Option(
      names = {"-t", "--type"},
      paramLabel = "TYPE",
      split = ",",
      description = "only drop, trace, debug or policy-verdict; may be repeated")
  private List<String> types = new ArrayList<>();

  @Option(
      names = "--related-to",
      paramLabel = "ID",
      split = ",",
      description = "only events of these endpoints, whichever side they are on")
  private List<Integer> relatedTo = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "ID",
      split = ",",
      description = "only events that these endpoints cause")
  private List<Integer> from = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "ID",
      split = ",",
      description = "only events of packets to these endpoints")
  private List<Integer> to = new ArrayList<>();

  @Option(
      names = {"-n", "--numeric"},
      description = "reserved identities by number too")
  private boolean numeric;

  @Option(names = "--hex", description = "the packet's bytes instead of its headers")
  private boolean hex;

  @Option(
      names = "--no-aggregation",
      description =
          "a trace for every packet instead of one for each change in a connection, while this runs")
  private boolean noAggregation;

  @Option(
      names = {"-j", "--json"},
      description = "the same as -o json")
  private boolean json;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    MonitorRequest request = request();
    follow(all -> all.setMonitor(request), answer -> print(answer.getMonitor(), out));
  }

  private MonitorRequest request() {
    var request =
        MonitorRequest.newBuilder()
            .addAllRelatedTo(relatedTo)
            .addAllFrom(from)
            .addAllTo(to)
            .setNoAggregation(noAggregation);
    types.forEach(name -> request.addTypes(type(name)));
    if (types.isEmpty() && verbose.length > 1) {
      request
          .addTypes(EventType.EVENT_DROP)
          .addTypes(EventType.EVENT_TRACE)
          .addTypes(EventType.EVENT_POLICY_VERDICT)
          .addTypes(EventType.EVENT_DEBUG);
    }
    return request.build();
  }

  private EventType type(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "drop" -> EventType.EVENT_DROP;
      case "trace" -> EventType.EVENT_TRACE;
      case "debug" -> EventType.EVENT_DEBUG;
      case "policy-verdict" -> EventType.EVENT_POLICY_VERDICT;
      default ->
          throw wrongUsage(
              "there is no event type " + name + "; there are drop, trace, debug, policy-verdict");
    };
  }

  private void print(MonitorReport report, PrintWriter out) {
    boolean asJson = json || output.json();
    if (report.hasStart() && !asJson) {
      out.println(
          "Listening for events on %d CPUs with %d KiB of shared memory"
              .formatted(report.getStart().getCpus(), report.getStart().getRingBytes() >> 10));
      out.println("Press Ctrl-C to quit");
    }
    var text = new EventText(numeric);
    for (Event event : report.getEventsList()) {
      out.println(asJson ? EventJson.of(event) : show(text, event));
    }
    lost(report.getLostKernel(), "kernel", "the kernel's buffer was full", asJson, out);
    lost(report.getLostClient(), "client", "this client reads too slowly", asJson, out);
    if (out.checkError()) {
      throw new OutputClosedException();
    }
  }

  private String show(EventText text, Event event) {
    if (hex) {
      return text.hex(event);
    }
    return verbose.length > 0 ? text.paragraph(event) : text.line(event);
  }

  private static void lost(long count, String source, String why, boolean asJson, PrintWriter out) {
    if (count == 0) {
      return;
    }
    out.println(
        asJson
            ? "{\"type\":\"lost\",\"source\":\"%s\",\"count\":%d}".formatted(source, count)
            : "EVENTS LOST: %d, because %s".formatted(count, why));
  }
}
