// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.Json;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.agent.EndpointListRequest;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code jilium endpoint get}. */
@Command(
    name = "get",
    description = "One endpoint with all that is known of it, as JSON.",
    footer = {
      "%nExamples:",
      "  jilium endpoint get 78",
      "  jilium endpoint get pod-name:default/web",
      "  jilium endpoint get ipv4:10.244.1.52"
    })
public final class EndpointGetVerb extends AgentVerb {
  @Parameters(
      paramLabel = "ID",
      description = "number, pod-name:NAMESPACE/NAME, ipv4:ADDRESS or ipv6:ADDRESS")
  private String id = "";

  @SuppressWarnings("UnusedVariable") // JSON either way; accepted because every other verb takes it
  @Mixin
  private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    EndpointListRequest request = request();
    var endpoints = ask(all -> all.setEndpointList(request)).getEndpoints().getEndpointsList();
    out.println(Json.pretty(endpoints.stream().map(EndpointJson::of).toList()));
  }

  private EndpointListRequest request() {
    var request = EndpointListRequest.newBuilder();
    int colon = id.indexOf(':');
    String kind = colon < 0 ? "" : id.substring(0, colon);
    String value = id.substring(colon + 1);
    switch (kind) {
      case "pod-name" -> request.setPod(value);
      case "ipv4", "ipv6" -> request.setAddress(value);
      case "", "cilium-local" -> request.setId(number(value));
      default -> throw wrongUsage("endpoint id " + id + " is of an unknown kind");
    }
    return request.build();
  }

  private int number(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0 && number <= 0xffff) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is out of range.
    }
    throw wrongUsage("endpoint id " + text + " is not a number from 1 to 65535");
  }
}
