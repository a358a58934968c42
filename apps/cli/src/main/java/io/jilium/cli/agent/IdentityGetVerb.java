// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.core.model.ReservedIdentity;
import io.jilium.wire.agent.IdentityListRequest;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code jilium identity get}. */
@Command(
    name = "get",
    description = "The labels that an identity stands for.",
    footer = {"%nExamples:", "  jilium identity get 61910", "  jilium identity get reserved:world"})
public final class IdentityGetVerb extends AgentVerb {
  @Parameters(paramLabel = "ID", description = "number, or reserved:NAME")
  private String id = "";

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var request = IdentityListRequest.newBuilder().setId(number());
    var identities = ask(all -> all.setIdentityList(request)).getIdentities().getIdentitiesList();
    if (!output.printJson(out, identities.stream().map(IdentityListVerb::json).toList())) {
      IdentityListVerb.print(identities, out);
    }
  }

  private int number() {
    if (id.startsWith("reserved:")) {
      String name = id.substring("reserved:".length());
      return ReservedIdentity.named(name)
          .orElseThrow(() -> wrongUsage("no reserved identity is named " + name))
          .number();
    }
    try {
      int number = Integer.parseInt(id);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is out of range.
    }
    throw wrongUsage("identity " + id + " is not a positive number");
  }
}
