// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.service;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.ServiceExplainRequest;
import io.jilium.wire.agent.ServiceExplanation;
import java.io.PrintWriter;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jilium service explain}. */
@Command(
    name = "explain",
    description = "Which backends a connection may get, and why not the others.",
    footer = {
      "%nExamples:",
      "  jilium service explain 10.96.0.10:53/UDP --from default/client",
      "  jilium service explain [fd00:96::1]:443 --outside 2001:db8::7"
    })
public final class ServiceExplainVerb extends AgentVerb {
  @Parameters(paramLabel = "ADDRESS:PORT[/PROTOCOL]", description = "TCP when not said")
  private String asked = "";

  /** At most one of these. */
  private static final class Client {
    @Option(
        names = "--from",
        paramLabel = "POD",
        description = "a pod of this node, NAMESPACE/NAME or NAME; else any pod or node asks")
    private String from = "";

    @Option(
        names = "--outside",
        paramLabel = "ADDRESS",
        description = "a client outside the cluster")
    private String outside = "";
  }

  @ArgGroup private Client client = new Client();

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var request = request();
    var answer = ask(all -> all.setServiceExplain(request)).getServiceExplanation();
    if (output.json()) {
      output.printJson(out, json(answer));
    } else {
      print(answer, out);
    }
  }

  private ServiceExplainRequest.Builder request() {
    int slash = asked.indexOf('/');
    var place = slash < 0 ? asked : asked.substring(0, slash);
    int colon = place.lastIndexOf(':');
    if (colon < 1) {
      throw wrongUsage("\"" + asked + "\" is no ADDRESS:PORT");
    }
    var address = place.substring(0, colon);
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    return ServiceExplainRequest.newBuilder()
        .setAddress(address)
        .setPort(port(place.substring(colon + 1)))
        .setProtocol(slash < 0 ? "TCP" : asked.substring(slash + 1))
        .setFrom(client.from)
        .setOutside(client.outside);
  }

  private int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 0xffff) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is out of range.
    }
    throw wrongUsage("port " + text + " is not from 0 to 65535");
  }

  private static void print(ServiceExplanation answer, PrintWriter out) {
    answer.getReasonsList().forEach(out::println);
    answer.getProblemsList().forEach(problem -> out.println("Problem: " + problem));
    if (answer.getCandidatesCount() > 0) {
      out.println();
      var table = new Table("BACKEND", "STATE", "NODE", "WEIGHT", "CHOSEN");
      for (var candidate : answer.getCandidatesList()) {
        table.row(
            candidate.getAddress(),
            candidate.getState(),
            candidate.getNode(),
            Integer.toString(candidate.getWeight()),
            candidate.getWhyNot().isEmpty() ? "may be" : "no: " + candidate.getWhyNot());
      }
      table.print(out);
    }
    out.println();
    out.println("Verdict: " + answer.getVerdict());
  }

  private static Object json(ServiceExplanation answer) {
    return object(
        "verdict", answer.getVerdict(),
        "reasons", java.util.List.copyOf(answer.getReasonsList()),
        "problems", java.util.List.copyOf(answer.getProblemsList()),
        "candidates",
            answer.getCandidatesList().stream()
                .map(candidate ->
                    object(
                        "address", candidate.getAddress(),
                        "state", candidate.getState(),
                        "node", candidate.getNode(),
                        "weight", candidate.getWeight(),
                        "whyNot", candidate.getWhyNot()))
                .toList());
  }
}
