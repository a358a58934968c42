// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.wire.agent.FlowFlushRequest;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** {@code jilium bpf ct flush}. */
@Command(
    name = "flush",
    description = {
      "Forgets every connection; the next packet of each is decided afresh.",
      "%nConnections through a translated address break, for their ports are forgotten too."
    },
    footer = {"%nExamples:", "  jilium bpf ct flush"})
public final class CtFlushVerb extends AgentVerb {
  @Override
  protected void run(PrintWriter out) {
    long entries =
        ask(all -> all.setFlowFlush(FlowFlushRequest.getDefaultInstance()))
            .getFlowFlushed()
            .getEntries();
    out.println("Deleted " + entries + " entries");
  }
}
