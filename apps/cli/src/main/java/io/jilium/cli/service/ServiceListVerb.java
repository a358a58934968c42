// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.service;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.agent.ServiceFrontend;
import io.jilium.wire.agent.ServiceListRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jilium service list}. */
@Command(
    name = "list",
    description = "Every address of a service, and what serves it.",
    footer = {"%nExamples:", "  jilium service list", "  jilium service list -o json"})
public final class ServiceListVerb extends AgentVerb {
  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var frontends = new ArrayList<ServiceFrontend>();
    ask(
        all -> all.setServiceList(ServiceListRequest.getDefaultInstance()),
        answer -> frontends.addAll(answer.getServices().getFrontendsList()));
    frontends.sort(Comparator.comparingInt(ServiceFrontend::getId));
    if (!output.printJson(out, frontends.stream().map(ServiceText::json).toList())) {
      ServiceText.print(frontends, out);
    }
  }
}
