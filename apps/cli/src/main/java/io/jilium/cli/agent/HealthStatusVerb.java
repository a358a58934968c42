// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.AgentException;
import io.jilium.wire.AgentException.Kind;
import io.jilium.wire.agent.HealthRequest;
import io.jilium.wire.agent.HealthStatus;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jilium health status}. */
@Command(
    name = "status",
    description = "Whether other nodes and their pods can be reached from here, and how fast.",
    footer = {"%nExamples:", "  jilium health status"})
public final class HealthStatusVerb extends AgentVerb {
  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    HealthStatus health = ask(all -> all.setHealth(HealthRequest.getDefaultInstance())).getHealth();
    if (output.printJson(out, StatusJson.health(health))) {
      return;
    }
    if (!health.getEnabled()) {
      throw new AgentException(Kind.UNAVAILABLE, "health probes are disabled on this node");
    }
    HealthText.details(health, out);
  }
}
