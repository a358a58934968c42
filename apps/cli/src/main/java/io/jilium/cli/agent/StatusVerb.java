// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.AgentException;
import io.jilium.wire.AgentException.Kind;
import io.jilium.wire.agent.State;
import io.jilium.wire.agent.Status;
import io.jilium.wire.agent.StatusRequest;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium status}. */
@Command(
    name = "status",
    description = "How the agent is; exit code 1 when it is not well.",
    footer = {
      "%nExamples:",
      "  jilium status",
      "  jilium status --verbose",
      "  jilium status -o json"
    })
public final class StatusVerb extends AgentVerb {
  @Option(
      names = "--verbose",
      description = "also addresses, controllers, maps and the reachability of each node")
  private boolean verbose;

  @Option(names = "--brief", description = "only OK, or what is wrong")
  private boolean brief;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    var request = StatusRequest.newBuilder().setVerbose(verbose || output.json());
    Status status = ask(all -> all.setStatus(request)).getStatus();
    boolean well = status.getAgent().getState() != State.STATE_FAILURE;
    if (brief && !output.json()) {
      if (well) {
        out.println("OK");
      }
    } else if (!output.printJson(out, StatusJson.of(status))) {
      StatusText.print(status, verbose, out);
    }
    if (!well) {
      throw new AgentException(
          Kind.UNAVAILABLE, "the agent is not well: " + status.getAgent().getMessage());
    }
  }
}
