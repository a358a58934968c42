// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.service;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.agent.ServiceListRequest;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code jilium service get}. */
@Command(
    name = "get",
    description = "One address of a service, its policies and what serves it.",
    footer = {"%nExamples:", "  jilium service get 7", "  jilium service get 7 -o json"})
public final class ServiceGetVerb extends AgentVerb {
  @Parameters(paramLabel = "ID", description = "as service list shows it")
  private int id;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    if (id < 1) {
      throw wrongUsage("service ID " + id + " is not a positive number");
    }
    var request = ServiceListRequest.newBuilder().setId(id);
    var frontends = ask(all -> all.setServiceList(request)).getServices().getFrontendsList();
    if (!output.printJson(out, frontends.stream().map(ServiceText::json).toList())) {
      ServiceText.print(frontends, out);
      frontends.forEach(frontend -> ServiceText.details(frontend, out));
    }
  }
}
