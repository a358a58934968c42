// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.Endpoint;
import io.jilium.wire.agent.EndpointListRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jilium endpoint list}. */
@Command(
    name = "list",
    description = "Every endpoint on this node.",
    footer = {"%nExamples:", "  jilium endpoint list", "  jilium endpoint list -o json"})
public final class EndpointListVerb extends AgentVerb {
  private static final int LABELS = 4;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var endpoints = new ArrayList<Endpoint>();
    ask(
        all -> all.setEndpointList(EndpointListRequest.getDefaultInstance()),
        answer -> endpoints.addAll(answer.getEndpoints().getEndpointsList()));
    endpoints.sort(Comparator.comparingInt(Endpoint::getId));
    if (!output.printJson(out, endpoints.stream().map(EndpointJson::of).toList())) {
      print(endpoints, out);
    }
  }

  static void print(List<Endpoint> endpoints, PrintWriter out) {
    var table =
        new Table(
                "ENDPOINT",
                "POLICY (ingress)",
                "POLICY (egress)",
                "IDENTITY",
                "LABELS (source:key[=value])",
                "IPv6",
                "IPv4",
                "STATUS")
            .row("", "ENFORCEMENT", "ENFORCEMENT");
    for (Endpoint endpoint : endpoints) {
      table.row(
          List.of(
              Integer.toString(endpoint.getId()),
              StatusText.enabled(endpoint.getPolicyIngress()),
              StatusText.enabled(endpoint.getPolicyEgress()),
              endpoint.getIdentity() == 0 ? "<none>" : Integer.toString(endpoint.getIdentity()),
              "",
              endpoint.getIpv6(),
              endpoint.getIpv4(),
              endpoint.getState()),
          LABELS,
          endpoint.getLabelsList());
    }
    table.print(out);
  }
}
