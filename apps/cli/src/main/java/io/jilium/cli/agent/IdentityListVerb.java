// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.cli.verb.Table;
import io.jilium.wire.agent.Identity;
import io.jilium.wire.agent.IdentityListRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jilium identity list}. */
@Command(
    name = "list",
    description = "Every identity that this agent knows, and its labels.",
    footer = {"%nExamples:", "  jilium identity list", "  jilium identity list -o json"})
public final class IdentityListVerb extends AgentVerb {
  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var identities = new ArrayList<Identity>();
    ask(
        all -> all.setIdentityList(IdentityListRequest.getDefaultInstance()),
        answer -> identities.addAll(answer.getIdentities().getIdentitiesList()));
    identities.sort(Comparator.comparingInt(Identity::getId));
    if (!output.printJson(out, identities.stream().map(IdentityListVerb::json).toList())) {
      print(identities, out);
    }
  }

  static void print(List<Identity> identities, PrintWriter out) {
    var table = new Table("ID", "LABELS");
    for (Identity identity : identities) {
      table.row(List.of(Integer.toString(identity.getId()), ""), 1, identity.getLabelsList());
    }
    table.print(out);
  }

  static Map<String, Object> json(Identity identity) {
    return object("id", identity.getId(), "labels", identity.getLabelsList());
  }
}
