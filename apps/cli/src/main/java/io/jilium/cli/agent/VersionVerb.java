// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.AgentException;
import io.jilium.wire.JiliumVersion;
import io.jilium.wire.agent.Version;
import io.jilium.wire.agent.VersionRequest;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jilium version}. */
@Command(
    name = "version",
    description = "The versions of this client and of the agent, if one runs.",
    footer = {"%nExamples:", "  jilium version", "  jilium version --client"})
public final class VersionVerb extends AgentVerb {
  @Option(names = "--client", description = "do not ask the agent")
  private boolean clientOnly;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    String client =
        line(JiliumVersion.text(), Runtime.version().toString(), JiliumVersion.platform());
    if (clientOnly) {
      if (!output.printJson(out, object("client", client))) {
        out.println("Client: " + client);
      }
      return;
    }
    String agent = agent();
    if (!output.printJson(out, object("client", client, "agent", agent))) {
      out.println("Client: " + client);
      out.println("Agent: " + agent);
    }
  }

  private String agent() {
    try {
      Version version =
          ask(all -> all.setVersion(VersionRequest.getDefaultInstance())).getVersion();
      return line(version.getVersion(), version.getJava(), version.getPlatform());
    } catch (AgentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String line(String version, String java, String platform) {
    return "%s java version %s %s".formatted(version, java, platform);
  }
}
